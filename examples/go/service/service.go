// Package service connects to Activity Events and says when a retry is worth it.
package service

import (
	"context"
	"math/rand/v2"
	"time"

	v1 "example.com/activity/gen/activityevents/v1"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
)

// Connect returns a client. It connects with the first call, and again whenever the connection is lost.
func Connect(address string) (v1.ActivityEventsServiceClient, error) {
	reconnect := backoff.DefaultConfig
	reconnect.MaxDelay = 5 * time.Second
	connection, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: reconnect, MinConnectTimeout: 5 * time.Second}),
		// A dead connection shows by a ping without an answer.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
	)
	return v1.NewActivityEventsServiceClient(connection), err
}

// Passes tells whether the same call may succeed later, and the delay that the service asks for.
func Passes(err error) (asked time.Duration, passes bool) {
	refusal := status.Convert(err)
	for _, detail := range refusal.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			asked, passes = retry.RetryDelay.AsDuration(), true
		}
	}
	switch refusal.Code() {
	case codes.Unavailable, codes.DeadlineExceeded:
		return asked, true
	case codes.ResourceExhausted:
		return asked, passes // Without a delay somebody must act, as on a full disk.
	}
	return 0, false
}

// Pause waits as long as asked, and a random time that grows with the attempts up to 5 s. It ends early with the context.
func Pause(ctx context.Context, asked time.Duration, attempt int) {
	ceiling := min(5*time.Second, 100*time.Millisecond<<min(attempt, 10))
	select {
	case <-time.After(asked + rand.N(ceiling)):
	case <-ctx.Done():
	}
}
