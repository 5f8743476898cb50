// Shows the events of a deployment, and goes on live. The file keeps the cursor, so that a restart goes on where it ended.
//
//	follow ADDRESS DEPLOYMENT_ID CURSOR_FILE
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	v1 "example.com/activity/gen/activityevents/v1"
	"example.com/activity/service"
)

type follower struct {
	client       v1.ActivityEventsServiceClient
	deploymentID string
	cursorFile   string
	cursor       int64 // Sequence of the last event that was handled.
}

func main() {
	client, err := service.Connect(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	f := follower{client: client, deploymentID: os.Args[2], cursorFile: os.Args[3]}
	if text, err := os.ReadFile(f.cursorFile); err == nil {
		f.cursor, _ = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	for attempt := 0; ctx.Err() == nil; attempt++ {
		before := f.cursor
		delay, err := f.stream(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			log.Print(err)
			asked, passes := service.Passes(err)
			if delay = asked; !passes && !errors.Is(err, errSilent) {
				os.Exit(1) // CURSOR_AHEAD, for one: the service has fewer events than were seen here.
			}
		}
		if err == nil || f.cursor > before {
			attempt = 0 // The service was reached.
		}
		service.Pause(ctx, delay, attempt)
	}
}

var errSilent = errors.New("the service is silent")

// stream reads one stream after the cursor to its end, and returns the delay that the service wants before the next one.
func (f *follower) stream(parent context.Context) (time.Duration, error) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	// The service sends heartbeats. Nothing for three intervals means that this stream is dead, even if the connection looks alive.
	silence := 15 * time.Second
	watchdog := time.AfterFunc(silence, func() { cancel(errSilent) })
	defer watchdog.Stop()

	stream, err := f.client.StreamEvents(ctx, &v1.StreamEventsRequest{
		DeploymentId: f.deploymentID, AfterSequence: f.cursor, Follow: true,
	})
	if err != nil {
		return 0, err
	}
	var delay time.Duration
	for {
		answer, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return delay, nil
		}
		if err != nil && errors.Is(context.Cause(ctx), errSilent) {
			return 0, errSilent
		}
		if err != nil {
			return 0, err
		}
		switch frame := answer.Frame.(type) {
		case *v1.StreamEventsResponse_Opened:
			silence = 3 * frame.Opened.HeartbeatInterval.AsDuration()
		case *v1.StreamEventsResponse_Events:
			for _, event := range frame.Events.Events {
				if err := f.handle(event); err != nil {
					log.Fatal(err)
				}
			}
		case *v1.StreamEventsResponse_CaughtUp:
			log.Printf("caught up at %d", frame.CaughtUp.Cursor)
		case *v1.StreamEventsResponse_Goaway: // The service restarts, or the stream is old: it ends now.
			delay = frame.Goaway.RetryDelay.AsDuration()
		}
		watchdog.Reset(silence)
	}
}

// handle does what the events are for, then moves the cursor: after a crash in between the event comes again.
func (f *follower) handle(event *v1.Event) error {
	fmt.Printf("%d\t%s\t%s\n", event.Sequence, event.Type, event.Message)
	f.cursor = event.Sequence
	written := f.cursorFile + ".new"
	if err := os.WriteFile(written, []byte(strconv.FormatInt(f.cursor, 10)), 0o600); err != nil {
		return err
	}
	return os.Rename(written, f.cursorFile)
}
