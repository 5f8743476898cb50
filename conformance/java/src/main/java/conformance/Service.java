package conformance;

import static conformance.Main.must;

import activityevents.ActivityEventsGrpc;
import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import io.github.activity_events.v1.ActivityEventsServiceGrpc;
import io.github.activity_events.v1.BatchCreateEventsRequest;
import io.github.activity_events.v1.BatchCreateEventsResponse;
import io.github.activity_events.v1.Event;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;

/** The service under test, and what several checks ask of it. */
final class Service {
  final ManagedChannel channel;
  final ActivityEventsServiceGrpc.ActivityEventsServiceBlockingStub events;
  final ActivityEventsServiceGrpc.ActivityEventsServiceStub streams;
  final ActivityEventsGrpc.ActivityEventsBlockingStub ancestor;

  Service(ManagedChannel channel) {
    this.channel = channel;
    events = ActivityEventsServiceGrpc.newBlockingStub(channel);
    streams = ActivityEventsServiceGrpc.newStub(channel);
    ancestor = ActivityEventsGrpc.newBlockingStub(channel);
  }

  static String newId() {
    return "java-" + UUID.randomUUID();
  }

  static int newInt32() {
    return ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
  }

  static Event event(String deploymentId, String eventId, String message) {
    return Event.newBuilder()
        .setDeploymentId(deploymentId)
        .setEventId(eventId)
        .setMessage(message)
        .build();
  }

  /** Appends events e1, e2, ... to a deployment. */
  BatchCreateEventsResponse record(String deploymentId, int count) {
    var request = BatchCreateEventsRequest.newBuilder().setDeploymentId(deploymentId);
    for (int number = 1; number <= count; number++) {
      request.addEvents(event(deploymentId, "e" + number, "m"));
    }
    return events.batchCreateEvents(request.build());
  }

  /** The call ends with this code and exactly one ErrorInfo, of this reason. */
  static StatusRuntimeException mustBeRefused(Callable<?> call, Status.Code code, String reason)
      throws Exception {
    try {
      Object answer = call.call();
      throw new AssertionError("answered " + answer);
    } catch (StatusRuntimeException error) {
      List<String> reasons =
          details(error, ErrorInfo.class).stream().map(ErrorInfo::getReason).toList();
      boolean isRight = error.getStatus().getCode() == code && reasons.equals(List.of(reason));
      must(isRight, reasons + " " + error);
      return error;
    }
  }

  /** The details of a refusal that are of a kind. */
  static <T extends Message> List<T> details(StatusRuntimeException error, Class<T> kind)
      throws Exception {
    List<T> found = new ArrayList<>();
    for (Any detail : StatusProto.fromThrowable(error).getDetailsList()) {
      if (detail.is(kind)) found.add(detail.unpack(kind));
    }
    return found;
  }
}
