package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	ancestor "activityevents.test/conformance/gen/activityevents"
	v1 "activityevents.test/conformance/gen/activityevents/v1"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	health "google.golang.org/grpc/health/grpc_health_v1"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// A check is one promise of the contract; it answers what it found instead.
type check struct {
	name string
	run  func(ctx context.Context) error
}

func (c clients) checks() []check {
	return []check{
		{"health", c.checkHealth},
		{"reflection", c.checkReflection},
		{"create-event", c.checkCreateEvent},
		{"conflict", c.checkConflict},
		{"bad-field", c.checkBadField},
		{"gzip", c.checkGzip},
		{"batch-create-events", c.checkBatchCreateEvents},
		{"get-event", c.checkGetEvent},
		{"list-events", c.checkListEvents},
		{"stream-events", c.checkStreamEvents},
		{"watch-deployments", c.checkWatchDeployments},
		{"cursor-ahead", c.checkCursorAhead},
		{"deployments", c.checkDeployments},
		{"ingest-5000", func(ctx context.Context) error { return c.pour(ctx, 5_000, 1) }},
		{"ingest-joined", func(ctx context.Context) error { return c.pour(ctx, 60, 10) }},
		{"ingest-refusal", c.checkIngestRefusal},
		{"cancellation", c.checkCancellation},
		{"deadline", c.checkDeadline},
		{"unknown-method", c.checkUnknownMethod},
		{"ancestor-create-event", c.checkAncestorCreateEvent},
		{"ancestor-list-events", c.checkAncestorListEvents},
		{"keepalive", c.checkKeepalive},
	}
}

func (c clients) checkHealth(ctx context.Context) error {
	for _, service := range []string{"", "activityevents.v1.ActivityEventsService", "activityevents.ActivityEvents"} {
		answer, err := c.health.Check(ctx, &health.HealthCheckRequest{Service: service})
		if err != nil || answer.Status != health.HealthCheckResponse_SERVING {
			return fmt.Errorf("Check of %q: %v %v", service, answer, err)
		}
	}
	listed, err := c.health.List(ctx, &health.HealthListRequest{})
	if err != nil || len(listed.Statuses) < 3 {
		return fmt.Errorf("List: %v %v", listed, err)
	}
	watch, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.health.Watch(watch, &health.HealthCheckRequest{})
	if err != nil {
		return err
	}
	first, err := stream.Recv()
	return unless(err == nil && first.Status == health.HealthCheckResponse_SERVING, "Watch: %v %v", first, err)
}

func (c clients) checkReflection(ctx context.Context) error {
	stream, err := c.reflection.ServerReflectionInfo(ctx)
	if err != nil {
		return err
	}
	err = stream.Send(&reflection.ServerReflectionRequest{
		MessageRequest: &reflection.ServerReflectionRequest_ListServices{},
	})
	if err != nil {
		return err
	}
	listed, err := stream.Recv()
	if err != nil {
		return err
	}
	var names []string
	for _, service := range listed.GetListServicesResponse().GetService() {
		names = append(names, service.Name)
	}
	err = stream.Send(&reflection.ServerReflectionRequest{
		MessageRequest: &reflection.ServerReflectionRequest_FileContainingSymbol{
			FileContainingSymbol: "activityevents.v1.ActivityEventsService",
		},
	})
	if err != nil {
		return err
	}
	described, err := stream.Recv()
	files := described.GetFileDescriptorResponse().GetFileDescriptorProto()
	isListed := slices.Contains(names, "activityevents.v1.ActivityEventsService")
	return unless(err == nil && isListed && len(files) > 0, "%v, %d files, %v", names, len(files), err)
}

func (c clients) checkCreateEvent(ctx context.Context) error {
	data, _ := structpb.NewStruct(map[string]any{"steps": []any{1.5, true, nil, "zwölf 🚀"}})
	event := &v1.Event{DeploymentId: newId(), EventId: "e", Message: "built 🚀", Data: data}
	first, err := c.events.CreateEvent(ctx, &v1.CreateEventRequest{Event: event})
	if err != nil {
		return err
	}
	again, err := c.events.CreateEvent(ctx, &v1.CreateEventRequest{Event: event})
	if err != nil {
		return err
	}
	stored := first.Event
	isSame := stored.Message == event.Message && proto.Equal(stored.Data, data) && stored.Sequence == 1
	return unless(isSame && !first.Duplicate && again.Duplicate && proto.Equal(stored, again.Event), "%v, %v", first, again)
}

func (c clients) checkConflict(ctx context.Context) error {
	id := newId()
	if _, err := c.record(ctx, id, 1); err != nil {
		return err
	}
	other := &v1.Event{DeploymentId: id, EventId: "e1", Message: "other"}
	_, err := c.events.CreateEvent(ctx, &v1.CreateEventRequest{Event: other})
	return refusedWith(err, codes.AlreadyExists, "EVENT_ID_CONFLICT")
}

func (c clients) checkBadField(ctx context.Context) error {
	event := &v1.Event{DeploymentId: "no id", Message: "m"}
	_, err := c.events.CreateEvent(ctx, &v1.CreateEventRequest{Event: event})
	if fields := fieldsOf(err); !slices.Equal(fields, []string{"event.deployment_id"}) {
		return fmt.Errorf("fields %v of %v", fields, err)
	}
	return refusedWith(err, codes.InvalidArgument, "REQUEST_INVALID")
}

func (c clients) checkGzip(ctx context.Context) error {
	event := &v1.Event{DeploymentId: newId(), EventId: "e", Message: "packed"}
	answer, err := c.events.CreateEvent(ctx, &v1.CreateEventRequest{Event: event}, grpc.UseCompressor(gzip.Name))
	return unless(err == nil && answer.Event.Message == "packed", "%v %v", answer, err)
}

func (c clients) checkBatchCreateEvents(ctx context.Context) error {
	id := newId()
	answer, err := c.record(ctx, id, 100)
	if err != nil {
		return err
	}
	for index, result := range answer.Results {
		if result.Event.EventId != fmt.Sprintf("e%d", index+1) || result.Event.Sequence != int64(index+1) {
			return fmt.Errorf("result %d is %v", index, result.Event)
		}
	}
	bad := []*v1.Event{{EventId: "new", Message: "m"}, {EventId: "no id", Message: "m"}}
	_, err = c.events.BatchCreateEvents(ctx, &v1.BatchCreateEventsRequest{DeploymentId: id, Events: bad})
	if err := refusedWith(err, codes.InvalidArgument, "REQUEST_INVALID"); err != nil {
		return err
	}
	_, err = c.events.GetEvent(ctx, &v1.GetEventRequest{DeploymentId: id, EventId: "new"})
	return refusedWith(err, codes.NotFound, "EVENT_NOT_FOUND")
}

func (c clients) checkGetEvent(ctx context.Context) error {
	id := newId()
	if _, err := c.record(ctx, id, 2); err != nil {
		return err
	}
	answer, err := c.events.GetEvent(ctx, &v1.GetEventRequest{DeploymentId: id, EventId: "e2"})
	if err != nil || answer.Event.Sequence != 2 {
		return fmt.Errorf("%v %v", answer, err)
	}
	_, err = c.events.GetEvent(ctx, &v1.GetEventRequest{DeploymentId: newId(), EventId: "e1"})
	return refusedWith(err, codes.NotFound, "EVENT_NOT_FOUND")
}

func (c clients) checkListEvents(ctx context.Context) error {
	id := newId()
	if _, err := c.record(ctx, id, 25); err != nil {
		return err
	}
	var sequences []int64
	for token := ""; ; {
		page, err := c.events.ListEvents(ctx, &v1.ListEventsRequest{DeploymentId: id, PageSize: 10, PageToken: token})
		if err != nil {
			return err
		}
		for _, event := range page.Events {
			sequences = append(sequences, event.Sequence)
		}
		if token = page.NextPageToken; token == "" {
			break
		}
	}
	return unless(isCountedTo(sequences, 25), "sequences %v", sequences)
}

func (c clients) checkCursorAhead(ctx context.Context) error {
	id := newId()
	if _, err := c.record(ctx, id, 1); err != nil {
		return err
	}
	stream, err := c.events.StreamEvents(ctx, &v1.StreamEventsRequest{DeploymentId: id, AfterSequence: 2})
	for err == nil {
		_, err = stream.Recv()
	}
	return refusedWith(err, codes.OutOfRange, "CURSOR_AHEAD")
}

func (c clients) checkDeployments(ctx context.Context) error {
	id := newId()
	if _, err := c.record(ctx, id, 3); err != nil {
		return err
	}
	got, err := c.events.GetDeployment(ctx, &v1.GetDeploymentRequest{DeploymentId: id})
	if err != nil || got.Deployment.HeadSequence != 3 {
		return fmt.Errorf("%v %v", got, err)
	}
	for token := ""; ; {
		page, err := c.events.ListDeployments(ctx, &v1.ListDeploymentsRequest{PageToken: token})
		if err != nil {
			return err
		}
		for _, deployment := range page.Deployments {
			if deployment.DeploymentId == id {
				return unless(proto.Equal(deployment, got.Deployment), "%v, listed as %v", got, deployment)
			}
		}
		if token = page.NextPageToken; token == "" {
			return fmt.Errorf("%s is not listed", id)
		}
	}
}

func (c clients) checkDeadline(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	stream, err := c.events.StreamEvents(ctx, &v1.StreamEventsRequest{DeploymentId: newId(), Follow: true})
	for err == nil {
		_, err = stream.Recv()
	}
	return unless(status.Code(err) == codes.DeadlineExceeded, "%v", err)
}

func (c clients) checkUnknownMethod(ctx context.Context) error {
	method := "/activityevents.v1.ActivityEventsService/ForgetEvents"
	err := c.connection.Invoke(ctx, method, &v1.GetEventRequest{}, &v1.GetEventResponse{})
	return unless(status.Code(err) == codes.Unimplemented, "%v", err)
}

func (c clients) checkAncestorCreateEvent(ctx context.Context) error {
	event := &ancestor.EventRequest{Id: 7, DeploymentId: newInt32(), Message: "built"}
	first, err := c.ancestor.CreateEvent(ctx, event)
	if err != nil || !first.Success || first.Id != 7 {
		return fmt.Errorf("%v %v", first, err)
	}
	again, err := c.ancestor.CreateEvent(ctx, event)
	if err != nil || !again.Success || again.Id != 7 {
		return fmt.Errorf("again: %v %v", again, err)
	}
	event.Message = "other"
	_, err = c.ancestor.CreateEvent(ctx, event)
	return refusedWith(err, codes.AlreadyExists, "EVENT_ID_CONFLICT")
}

func (c clients) checkAncestorListEvents(ctx context.Context) error {
	deployment := newInt32()
	for id := int32(1); id <= 3; id++ {
		event := &ancestor.EventRequest{Id: id, DeploymentId: deployment, Message: "m"}
		if _, err := c.ancestor.CreateEvent(ctx, event); err != nil {
			return err
		}
	}
	for _, asked := range []int32{deployment, 0} {
		stream, err := c.ancestor.ListEvents(ctx, &ancestor.Deployment{Id: asked})
		var ids []int64
		for err == nil {
			var event *ancestor.EventRequest
			if event, err = stream.Recv(); err == nil && event.DeploymentId == deployment {
				ids = append(ids, int64(event.Id))
			}
		}
		if !isEnd(err) || !isCountedTo(ids, 3) {
			return fmt.Errorf("list of %d: %v %v", asked, ids, err)
		}
	}
	return nil
}
