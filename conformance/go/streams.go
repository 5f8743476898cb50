package main

import (
	"context"
	"fmt"
	"time"

	v1 "activityevents.test/conformance/gen/activityevents/v1"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// follow opens a stream of a deployment and reads until it has caught up; answers the sequences read.
func (c clients) follow(ctx context.Context, id string) (stream v1.ActivityEventsService_StreamEventsClient, read []int64, err error) {
	stream, err = c.events.StreamEvents(ctx, &v1.StreamEventsRequest{DeploymentId: id, Follow: true})
	for err == nil {
		var frame *v1.StreamEventsResponse
		if frame, err = stream.Recv(); err != nil {
			break
		}
		read = append(read, sequencesOf(frame)...)
		if frame.GetCaughtUp() != nil {
			return stream, read, nil
		}
	}
	return nil, nil, err
}

// nextEvents reads until a frame with events comes; answers their sequences.
func nextEvents(stream v1.ActivityEventsService_StreamEventsClient) ([]int64, error) {
	for {
		frame, err := stream.Recv()
		if err != nil || frame.GetEvents() != nil {
			return sequencesOf(frame), err
		}
	}
}

func (c clients) checkStreamEvents(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	id := newId()
	if _, err := c.record(ctx, id, 200); err != nil {
		return err
	}
	stream, history, err := c.follow(ctx, id)
	if err != nil || !isCountedTo(history, 200) {
		return fmt.Errorf("history %v %v", history, err)
	}
	live := &v1.Event{DeploymentId: id, EventId: "live", Message: "m"}
	if _, err := c.events.CreateEvent(ctx, &v1.CreateEventRequest{Event: live}); err != nil {
		return err
	}
	followed, err := nextEvents(stream)
	return unless(err == nil && len(followed) == 1 && followed[0] == 201, "live %v %v", followed, err)
}

// nextWatched reads until a frame comes that says something of the deployment; answers it.
func nextWatched(stream v1.ActivityEventsService_WatchDeploymentsClient, id string) (string, error) {
	for {
		frame, err := stream.Recv()
		if err != nil {
			return "", err
		}
		for _, head := range frame.GetDeployments().GetDeployments() {
			if head.DeploymentId == id {
				return fmt.Sprintf("at %d", head.HeadSequence), nil
			}
		}
		for _, left := range frame.GetLeft().GetDeploymentIds() {
			if left == id {
				return "left", nil
			}
		}
		if frame.GetCaughtUp() != nil {
			return "caught up", nil
		}
	}
}

func (c clients) checkWatchDeployments(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	id := newId()
	add := func(service string) error {
		event := &v1.Event{DeploymentId: id, Message: "m", Service: service}
		_, err := c.events.CreateEvent(ctx, &v1.CreateEventRequest{Event: event})
		return err
	}
	if err := add(id); err != nil {
		return err
	}
	stream, err := c.events.WatchDeployments(ctx, &v1.WatchDeploymentsRequest{Filter: &v1.DeploymentFilter{Service: id}})
	if err != nil {
		return err
	}
	steps := []struct{ add, wanted string }{{"", "at 1"}, {"", "caught up"}, {id, "at 2"}, {"other", "left"}}
	for _, step := range steps {
		if step.add != "" {
			if err := add(step.add); err != nil {
				return err
			}
		}
		if found, err := nextWatched(stream, id); found != step.wanted {
			return fmt.Errorf("%s, expected %s: %v", found, step.wanted, err)
		}
	}
	return nil
}

func (c clients) checkCancellation(ctx context.Context) error {
	id := newId()
	following, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, _, err := c.follow(following, id)
	if err != nil {
		return err
	}
	cancel()
	for err == nil {
		_, err = stream.Recv()
	}
	if status.Code(err) != codes.Canceled {
		return fmt.Errorf("cancelled: %v", err)
	}
	_, err = c.record(ctx, id, 1)
	return err
}

// Pings every 10 s, the least that grpc-go sends, and lets the stream be quiet for two of them.
func (c clients) checkKeepalive(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	id := newId()
	stream, _, err := c.follow(ctx, id)
	if err != nil {
		return err
	}
	time.Sleep(25 * time.Second)
	if _, err := c.record(ctx, id, 1); err != nil {
		return err
	}
	followed, err := nextEvents(stream)
	return unless(err == nil && len(followed) == 1, "after the quiet %v %v", followed, err)
}

// pour writes messages of some events each without waiting, and compares every acknowledgement with what was sent.
func (c clients) pour(ctx context.Context, messages, eventsEach int) error {
	stream, err := c.events.IngestEvents(ctx)
	if err != nil {
		return err
	}
	id := newId()
	go func() {
		for message := range messages {
			events := make([]*v1.Event, eventsEach)
			for index := range events {
				number := message*eventsEach + index + 1
				events[index] = &v1.Event{DeploymentId: id, EventId: fmt.Sprintf("e%d", number), Message: "poured in"}
			}
			if stream.Send(&v1.IngestEventsRequest{Events: events}) != nil {
				return
			}
		}
		stream.CloseSend()
	}()
	acknowledged := 0
	var wrong error
	for {
		frame, err := stream.Recv()
		if isEnd(err) {
			break
		}
		if err != nil {
			return fmt.Errorf("after %d acknowledgements: %w", acknowledged, err)
		}
		for _, one := range frame.GetAcknowledgements().GetAcknowledgements() {
			acknowledged++
			wanted := fmt.Sprintf("e%d", acknowledged)
			isNamed := one.Ordinal == int64(acknowledged) && one.EventId == wanted && one.DeploymentId == id
			isRight := isNamed && one.Status == nil && one.Sequence == int64(acknowledged)
			if wrong == nil {
				wrong = unless(isRight, "acknowledgement %d is %v", acknowledged, one)
			}
		}
	}
	if acknowledged != messages*eventsEach {
		return fmt.Errorf("%d of %d acknowledged, and the stream ended OK", acknowledged, messages*eventsEach)
	}
	if wrong != nil {
		return wrong
	}
	got, err := c.events.GetDeployment(ctx, &v1.GetDeploymentRequest{DeploymentId: id})
	return unless(err == nil && got.Deployment.HeadSequence == int64(acknowledged), "stored: %v %v", got, err)
}

func (c clients) checkIngestRefusal(ctx context.Context) error {
	stream, err := c.events.IngestEvents(ctx)
	if err != nil {
		return err
	}
	id := newId()
	events := []*v1.Event{
		{DeploymentId: id, EventId: "e1", Message: "m"},
		{DeploymentId: id, EventId: "no id", Message: "m"},
		{DeploymentId: id, EventId: "e1", Message: "other"},
		{DeploymentId: id, EventId: "e2", Message: "m"},
	}
	if err := stream.Send(&v1.IngestEventsRequest{Events: events}); err != nil {
		return err
	}
	stream.CloseSend()
	var found []codes.Code
	for {
		frame, err := stream.Recv()
		if isEnd(err) {
			break
		}
		if err != nil {
			return err
		}
		for _, one := range frame.GetAcknowledgements().GetAcknowledgements() {
			found = append(found, codes.Code(one.GetStatus().GetCode()))
		}
	}
	wanted := []codes.Code{codes.OK, codes.InvalidArgument, codes.AlreadyExists, codes.OK}
	return unless(fmt.Sprint(found) == fmt.Sprint(wanted), "acknowledged with %v", found)
}
