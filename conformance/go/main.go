// Checks with grpc-go what the contract promises. Takes the address of a service and writes a line for each check:
// its name, a tab, and "ok" or what was found instead.
package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"time"

	ancestor "activityevents.test/conformance/gen/activityevents"
	v1 "activityevents.test/conformance/gen/activityevents/v1"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
)

type clients struct {
	connection *grpc.ClientConn
	events     v1.ActivityEventsServiceClient
	ancestor   ancestor.ActivityEventsClient
	health     health.HealthClient
	reflection reflection.ServerReflectionClient
}

func main() {
	connection, err := grpc.NewClient(
		os.Args[1],
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 10 * time.Second}),
	)
	if err != nil {
		panic(err)
	}
	c := clients{
		connection, v1.NewActivityEventsServiceClient(connection), ancestor.NewActivityEventsClient(connection),
		health.NewHealthClient(connection), reflection.NewServerReflectionClient(connection),
	}
	var running sync.WaitGroup
	for _, one := range c.checks() {
		running.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
			defer cancel()
			said := "ok"
			if err := one.run(ctx); err != nil {
				said = strings.ReplaceAll(err.Error(), "\n", " ")
			}
			fmt.Printf("%s\t%s\n", one.name, said)
		})
	}
	running.Wait()
}

// record appends events e1, e2, ... to a deployment.
func (c clients) record(ctx context.Context, id string, count int) (*v1.BatchCreateEventsResponse, error) {
	events := make([]*v1.Event, count)
	for index := range events {
		events[index] = &v1.Event{EventId: fmt.Sprintf("e%d", index+1), Message: "m"}
	}
	return c.events.BatchCreateEvents(ctx, &v1.BatchCreateEventsRequest{DeploymentId: id, Events: events})
}

func newId() string {
	return fmt.Sprintf("go-%d", rand.Int64())
}

func newInt32() int32 {
	return 1 + rand.Int32N(1<<31-1)
}

func unless(isRight bool, format string, found ...any) error {
	if isRight {
		return nil
	}
	return fmt.Errorf(format, found...)
}

func isEnd(err error) bool {
	return err == io.EOF
}

func isCountedTo(numbers []int64, last int) bool {
	for index, number := range numbers {
		if number != int64(index+1) {
			return false
		}
	}
	return len(numbers) == last
}

func sequencesOf(frame *v1.StreamEventsResponse) (sequences []int64) {
	for _, event := range frame.GetEvents().GetEvents() {
		sequences = append(sequences, event.Sequence)
	}
	return sequences
}

// refusedWith answers nil for a refusal with this code and exactly one ErrorInfo, of this reason.
func refusedWith(err error, code codes.Code, reason string) error {
	var reasons []string
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			reasons = append(reasons, info.Reason)
		}
	}
	isRight := status.Code(err) == code && len(reasons) == 1 && reasons[0] == reason
	return unless(isRight, "wanted %v %s, found %v %v", code, reason, reasons, err)
}

func fieldsOf(err error) (fields []string) {
	for _, detail := range status.Convert(err).Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			for _, violation := range bad.FieldViolations {
				fields = append(fields, violation.Field)
			}
		}
	}
	return fields
}
