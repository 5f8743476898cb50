// Records a deployment: its start, each line of standard input as progress, and its end.
//
//	produce ADDRESS DEPLOYMENT_ID < STEPS
package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"
	"time"

	v1 "example.com/activity/gen/activityevents/v1"
	"example.com/activity/service"

	"google.golang.org/protobuf/types/known/timestamppb"
)

func main() {
	client, err := service.Connect(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	record := func(event *v1.Event) {
		event.DeploymentId = os.Args[2]
		if err := record(client, event); err != nil {
			log.Fatalf("%q is not recorded: %v", event.Message, err)
		}
	}
	record(&v1.Event{Type: "deployment.started", Service: "api", Environment: "production"})
	steps := bufio.NewScanner(os.Stdin)
	for steps.Scan() {
		record(&v1.Event{Message: steps.Text()})
	}
	record(&v1.Event{Type: "deployment.finished", Outcome: v1.Outcome_OUTCOME_SUCCESS})
}

// record retries for a minute what passes: a lost connection, a restart, an overload.
func record(client v1.ActivityEventsServiceClient, event *v1.Event) error {
	// The event gets its id once, before the first attempt. If an attempt was stored and its answer lost, the next one is a
	// duplicate, not a second event.
	event.EventId = rand.Text()
	event.SendTime = timestamppb.Now()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for attempt := 0; ; attempt++ {
		answer, err := create(ctx, client, event)
		if err == nil {
			fmt.Printf("%d\t%s\t%t\n", answer.Event.Sequence, answer.Event.EventId, answer.Duplicate)
			return nil
		}
		asked, passes := service.Passes(err)
		if !passes || ctx.Err() != nil {
			return err
		}
		service.Pause(ctx, asked, attempt)
	}
}

// create makes one attempt. Its deadline is longer than the 10 s that an append may take.
func create(ctx context.Context, client v1.ActivityEventsServiceClient, event *v1.Event) (*v1.CreateEventResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	return client.CreateEvent(ctx, &v1.CreateEventRequest{Event: event})
}
