package conformance;

import static conformance.Main.must;
import static conformance.Service.mustBeRefused;
import static conformance.Service.newInt32;

import activityevents.Deployment;
import activityevents.EventRequest;
import io.github.activity_events.v1.ActivityEventsServiceGrpc;
import io.github.activity_events.v1.GetEventRequest;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Health, reflection, a method that there is not, and the ancestor's contract. */
final class Others {
  private final Service service;

  Others(Service service) {
    this.service = service;
  }

  Map<String, Main.Check> checks() {
    return Map.of(
        "health", this::health,
        "reflection", this::reflection,
        "unknown-method", this::unknownMethod,
        "ancestor-create-event", this::ancestorCreateEvent,
        "ancestor-list-events", this::ancestorListEvents);
  }

  private void health() throws Exception {
    var health = HealthGrpc.newBlockingStub(service.channel);
    for (String name : List.of("", "activityevents.v1.ActivityEventsService", "activityevents.ActivityEvents")) {
      var answer = health.check(HealthCheckRequest.newBuilder().setService(name).build());
      must(answer.getStatus() == ServingStatus.SERVING, name + ": " + answer);
    }
    // This grpc-java does not know List yet.
    try (var context = Context.current().withCancellation()) {
      var watch = context.call(() -> health.watch(HealthCheckRequest.getDefaultInstance()));
      var first = watch.next();
      must(first.getStatus() == ServingStatus.SERVING, first);
    }
  }

  private void reflection() throws Exception {
    var all = new CompletableFuture<List<ServerReflectionResponse>>();
    var answers = new ArrayList<ServerReflectionResponse>();
    var requests =
        ServerReflectionGrpc.newStub(service.channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse answer) {
                    answers.add(answer);
                  }

                  @Override
                  public void onError(Throwable error) {
                    all.completeExceptionally(error);
                  }

                  @Override
                  public void onCompleted() {
                    all.complete(answers);
                  }
                });
    String name = "activityevents.v1.ActivityEventsService";
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    requests.onNext(ServerReflectionRequest.newBuilder().setFileContainingSymbol(name).build());
    requests.onCompleted();

    all.get(60, TimeUnit.SECONDS);
    var listed = answers.get(0).getListServicesResponse().getServiceList();
    must(listed.stream().anyMatch(one -> one.getName().equals(name)), listed);
    must(answers.get(1).getFileDescriptorResponse().getFileDescriptorProtoCount() > 0, answers.get(1));
  }

  private void unknownMethod() {
    var method =
        ActivityEventsServiceGrpc.getGetEventMethod().toBuilder()
            .setFullMethodName("activityevents.v1.ActivityEventsService/ForgetEvents")
            .build();
    try {
      ClientCalls.blockingUnaryCall(
          service.channel, method, CallOptions.DEFAULT, GetEventRequest.getDefaultInstance());
    } catch (StatusRuntimeException error) {
      must(error.getStatus().getCode() == Code.UNIMPLEMENTED, error);
      return;
    }
    throw new AssertionError("answered");
  }

  private static EventRequest event(int id, int deploymentId, String message) {
    return EventRequest.newBuilder().setId(id).setDeploymentId(deploymentId).setMessage(message).build();
  }

  private void ancestorCreateEvent() throws Exception {
    int deployment = newInt32();
    for (int time = 1; time <= 2; time++) {
      var answer = service.ancestor.createEvent(event(7, deployment, "built"));
      must(answer.getSuccess() && answer.getId() == 7, answer);
    }
    mustBeRefused(
        () -> service.ancestor.createEvent(event(7, deployment, "other")),
        Code.ALREADY_EXISTS,
        "EVENT_ID_CONFLICT");
  }

  private void ancestorListEvents() {
    int deployment = newInt32();
    for (int id = 1; id <= 3; id++) service.ancestor.createEvent(event(id, deployment, "m"));
    for (int asked : new int[] {deployment, 0}) {
      List<Integer> ids = new ArrayList<>();
      service
          .ancestor
          .listEvents(Deployment.newBuilder().setId(asked).build())
          .forEachRemaining(
              event -> {
                if (event.getDeploymentId() == deployment) ids.add(event.getId());
              });
      must(ids.equals(List.of(1, 2, 3)), "list of " + asked + ": " + ids);
    }
  }
}
