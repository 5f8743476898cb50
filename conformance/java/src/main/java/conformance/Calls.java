package conformance;

import static conformance.Main.must;
import static conformance.Service.event;
import static conformance.Service.mustBeRefused;
import static conformance.Service.newId;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.BadRequest;
import io.github.activity_events.v1.BatchCreateEventsRequest;
import io.github.activity_events.v1.CreateEventRequest;
import io.github.activity_events.v1.CreateEventResponse;
import io.github.activity_events.v1.Event;
import io.github.activity_events.v1.GetDeploymentRequest;
import io.github.activity_events.v1.GetEventRequest;
import io.github.activity_events.v1.ListDeploymentsRequest;
import io.github.activity_events.v1.ListEventsRequest;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** The methods that answer once. */
final class Calls {
  private final Service service;

  Calls(Service service) {
    this.service = service;
  }

  Map<String, Main.Check> checks() {
    return Map.of(
        "create-event", this::createEvent,
        "conflict", this::conflict,
        "bad-field", this::badField,
        "gzip", this::gzip,
        "batch-create-events", this::batchCreateEvents,
        "get-event", this::getEvent,
        "list-events", this::listEvents,
        "deployments", this::deployments);
  }

  private static CreateEventRequest request(Event event) {
    return CreateEventRequest.newBuilder().setEvent(event).build();
  }

  private void createEvent() {
    var steps = ListValue.newBuilder();
    steps.addValues(Value.newBuilder().setNumberValue(1.5));
    steps.addValues(Value.newBuilder().setBoolValue(true));
    steps.addValues(Value.newBuilder().setNullValue(NullValue.NULL_VALUE));
    steps.addValues(Value.newBuilder().setStringValue("zwölf 🚀"));
    var data = Struct.newBuilder().putFields("steps", Value.newBuilder().setListValue(steps).build());
    Event event = event(newId(), "e", "built 🚀").toBuilder().setData(data).build();

    CreateEventResponse first = service.events.createEvent(request(event));
    CreateEventResponse again = service.events.createEvent(request(event));

    Event stored = first.getEvent();
    boolean isSame = stored.getMessage().equals(event.getMessage()) && stored.getData().equals(event.getData());
    must(isSame && stored.getSequence() == 1 && !first.getDuplicate(), first);
    must(again.getDuplicate() && again.getEvent().equals(stored), again);
  }

  private void conflict() throws Exception {
    String id = newId();
    service.record(id, 1);
    mustBeRefused(
        () -> service.events.createEvent(request(event(id, "e1", "other"))),
        Code.ALREADY_EXISTS,
        "EVENT_ID_CONFLICT");
  }

  private void badField() throws Exception {
    var error =
        mustBeRefused(
            () -> service.events.createEvent(request(event("no id", "e", "m"))),
            Code.INVALID_ARGUMENT,
            "REQUEST_INVALID");
    List<String> fields = new ArrayList<>();
    for (BadRequest bad : Service.details(error, BadRequest.class)) {
      bad.getFieldViolationsList().forEach(violation -> fields.add(violation.getField()));
    }
    must(fields.equals(List.of("event.deployment_id")), fields);
  }

  private void gzip() {
    var answer = service.events.withCompression("gzip").createEvent(request(event(newId(), "e", "packed")));
    must(answer.getEvent().getMessage().equals("packed"), answer);
  }

  private void batchCreateEvents() throws Exception {
    String id = newId();
    var results = service.record(id, 100).getResultsList();
    must(results.size() == 100, results.size());
    for (int index = 0; index < 100; index++) {
      Event stored = results.get(index).getEvent();
      must(stored.getEventId().equals("e" + (index + 1)) && stored.getSequence() == index + 1, stored);
    }
    var bad =
        BatchCreateEventsRequest.newBuilder()
            .setDeploymentId(id)
            .addEvents(event(id, "new", "m"))
            .addEvents(event(id, "no id", "m"))
            .build();
    mustBeRefused(() -> service.events.batchCreateEvents(bad), Code.INVALID_ARGUMENT, "REQUEST_INVALID");
    mustBeRefused(() -> service.events.getEvent(wanted(id, "new")), Code.NOT_FOUND, "EVENT_NOT_FOUND");
  }

  private static GetEventRequest wanted(String deploymentId, String eventId) {
    return GetEventRequest.newBuilder().setDeploymentId(deploymentId).setEventId(eventId).build();
  }

  private void getEvent() throws Exception {
    String id = newId();
    service.record(id, 2);
    var answer = service.events.getEvent(wanted(id, "e2"));
    must(answer.getEvent().getSequence() == 2, answer);
    mustBeRefused(() -> service.events.getEvent(wanted(newId(), "e1")), Code.NOT_FOUND, "EVENT_NOT_FOUND");
  }

  private void listEvents() {
    String id = newId();
    service.record(id, 25);
    List<Long> sequences = new ArrayList<>();
    var request = ListEventsRequest.newBuilder().setDeploymentId(id).setPageSize(10);
    do {
      var page = service.events.listEvents(request.build());
      page.getEventsList().forEach(event -> sequences.add(event.getSequence()));
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    must(sequences.equals(LongStream.rangeClosed(1, 25).boxed().toList()), sequences);
  }

  private void deployments() {
    String id = newId();
    service.record(id, 3);
    var wanted = GetDeploymentRequest.newBuilder().setDeploymentId(id).build();
    var got = service.events.getDeployment(wanted).getDeployment();
    must(got.getHeadSequence() == 3, got);
    var request = ListDeploymentsRequest.newBuilder();
    do {
      var page = service.events.listDeployments(request.build());
      for (var listed : page.getDeploymentsList()) {
        if (!listed.getDeploymentId().equals(id)) continue;
        must(listed.equals(got), listed);
        return;
      }
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    throw new AssertionError(id + " is not listed");
  }
}
