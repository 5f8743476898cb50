package conformance;

import static conformance.Main.must;
import static conformance.Service.event;
import static conformance.Service.mustBeRefused;
import static conformance.Service.newId;

import io.github.activity_events.v1.CreateEventRequest;
import io.github.activity_events.v1.DeploymentFilter;
import io.github.activity_events.v1.Event;
import io.github.activity_events.v1.GetDeploymentRequest;
import io.github.activity_events.v1.IngestAcknowledgement;
import io.github.activity_events.v1.IngestEventsRequest;
import io.github.activity_events.v1.IngestEventsResponse;
import io.github.activity_events.v1.StreamEventsRequest;
import io.github.activity_events.v1.StreamEventsResponse;
import io.github.activity_events.v1.WatchDeploymentsRequest;
import io.github.activity_events.v1.WatchDeploymentsResponse;
import io.grpc.Context;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/** The methods that stream. */
final class Streams {
  private final Service service;

  Streams(Service service) {
    this.service = service;
  }

  Map<String, Main.Check> checks() {
    return Map.of(
        "stream-events", this::streamEvents,
        "watch-deployments", this::watchDeployments,
        "cursor-ahead", this::cursorAhead,
        "ingest-5000", () -> pour(5_000, 1),
        "ingest-joined", () -> pour(60, 10),
        "ingest-refusal", this::ingestRefusal,
        "cancellation", this::cancellation,
        "deadline", this::deadline,
        "keepalive", this::keepalive);
  }

  private Iterator<StreamEventsResponse> follow(String id) {
    var request = StreamEventsRequest.newBuilder().setDeploymentId(id).setFollow(true).build();
    return service.events.streamEvents(request);
  }

  /** Reads until the stream has caught up; answers the sequences read. */
  private static List<Long> history(Iterator<StreamEventsResponse> stream) {
    List<Long> sequences = new ArrayList<>();
    for (var frame = stream.next(); !frame.hasCaughtUp(); frame = stream.next()) {
      frame.getEvents().getEventsList().forEach(event -> sequences.add(event.getSequence()));
    }
    return sequences;
  }

  /** Reads until a frame with events comes; answers the first one's sequence. */
  private static long nextSequence(Iterator<StreamEventsResponse> stream) {
    var frame = stream.next();
    while (!frame.hasEvents()) frame = stream.next();
    return frame.getEvents().getEvents(0).getSequence();
  }

  private static Code endOf(Iterator<StreamEventsResponse> stream) {
    try {
      while (stream.hasNext()) stream.next();
      return Code.OK;
    } catch (StatusRuntimeException error) {
      return error.getStatus().getCode();
    }
  }

  private void streamEvents() throws Exception {
    String id = newId();
    service.record(id, 200);
    try (var context = Context.current().withCancellation()) {
      context.call(
          () -> {
            var stream = follow(id);
            var history = history(stream);
            must(history.equals(LongStream.rangeClosed(1, 200).boxed().toList()), history);
            var live = CreateEventRequest.newBuilder().setEvent(event(id, "live", "m")).build();
            service.events.createEvent(live);
            long sequence = nextSequence(stream);
            must(sequence == 201, sequence);
            return null;
          });
    }
  }

  /** Reads until a frame says something of the deployment; answers it. */
  private static String nextWatched(Iterator<WatchDeploymentsResponse> stream, String id) {
    for (; ; ) {
      var frame = stream.next();
      for (var head : frame.getDeployments().getDeploymentsList()) {
        if (head.getDeploymentId().equals(id)) return "at " + head.getHeadSequence();
      }
      if (frame.getLeft().getDeploymentIdsList().contains(id)) return "left";
      if (frame.hasCaughtUp()) return "caught up";
    }
  }

  private void addTo(String id, String name) {
    var event = Event.newBuilder().setDeploymentId(id).setMessage("m").setService(name);
    service.events.createEvent(CreateEventRequest.newBuilder().setEvent(event).build());
  }

  private void watchDeployments() throws Exception {
    String id = newId();
    addTo(id, id);
    try (var context = Context.current().withCancellation()) {
      context.call(
          () -> {
            var filter = DeploymentFilter.newBuilder().setService(id);
            var request = WatchDeploymentsRequest.newBuilder().setFilter(filter).build();
            var stream = service.events.watchDeployments(request);
            List<String> found = new ArrayList<>();
            found.add(nextWatched(stream, id));
            found.add(nextWatched(stream, id));
            addTo(id, id);
            found.add(nextWatched(stream, id));
            addTo(id, "other");
            found.add(nextWatched(stream, id));
            must(found.equals(List.of("at 1", "caught up", "at 2", "left")), found);
            return null;
          });
    }
  }

  private void cursorAhead() throws Exception {
    String id = newId();
    service.record(id, 1);
    var request = StreamEventsRequest.newBuilder().setDeploymentId(id).setAfterSequence(2).build();
    mustBeRefused(
        () -> {
          var stream = service.events.streamEvents(request);
          while (stream.hasNext()) stream.next();
          return "OK";
        },
        Code.OUT_OF_RANGE,
        "CURSOR_AHEAD");
  }

  /** Writes messages of some events each without waiting, and compares every acknowledgement with what was sent. */
  private void pour(int messages, int eventsEach) throws Exception {
    String id = newId();
    var acknowledgements = new Acknowledgements();
    var requests = service.streams.ingestEvents(acknowledgements);
    for (int message = 0; message < messages; message++) {
      var request = IngestEventsRequest.newBuilder();
      for (int index = 1; index <= eventsEach; index++) {
        request.addEvents(event(id, "e" + (message * eventsEach + index), "poured in"));
      }
      requests.onNext(request.build());
    }
    requests.onCompleted();

    List<IngestAcknowledgement> found = acknowledgements.all.get(90, TimeUnit.SECONDS);
    int count = messages * eventsEach;
    must(found.size() == count, found.size() + " of " + count + " acknowledged, and the stream ended OK");
    for (int number = 1; number <= count; number++) {
      var one = found.get(number - 1);
      boolean isNamed = one.getEventId().equals("e" + number) && one.getDeploymentId().equals(id);
      must(isNamed && one.getOrdinal() == number && one.getSequence() == number && !one.hasStatus(), one);
    }
    var wanted = GetDeploymentRequest.newBuilder().setDeploymentId(id).build();
    var stored = service.events.getDeployment(wanted).getDeployment();
    must(stored.getHeadSequence() == count, stored);
  }

  private void ingestRefusal() throws Exception {
    String id = newId();
    var acknowledgements = new Acknowledgements();
    var requests = service.streams.ingestEvents(acknowledgements);
    requests.onNext(
        IngestEventsRequest.newBuilder()
            .addEvents(event(id, "e1", "m"))
            .addEvents(event(id, "no id", "m"))
            .addEvents(event(id, "e1", "other"))
            .addEvents(event(id, "e2", "m"))
            .build());
    requests.onCompleted();

    var codes = acknowledgements.all.get(90, TimeUnit.SECONDS).stream().map(one -> one.getStatus().getCode()).toList();
    must(codes.equals(List.of(0, Code.INVALID_ARGUMENT.value(), Code.ALREADY_EXISTS.value(), 0)), codes);
  }

  /** All acknowledgements of a stream, when it ends with OK. */
  private static final class Acknowledgements implements StreamObserver<IngestEventsResponse> {
    final CompletableFuture<List<IngestAcknowledgement>> all = new CompletableFuture<>();
    private final List<IngestAcknowledgement> found = new ArrayList<>();

    @Override
    public void onNext(IngestEventsResponse frame) {
      found.addAll(frame.getAcknowledgements().getAcknowledgementsList());
    }

    @Override
    public void onError(Throwable error) {
      all.completeExceptionally(error);
    }

    @Override
    public void onCompleted() {
      all.complete(found);
    }
  }

  private void cancellation() throws Exception {
    String id = newId();
    var context = Context.current().withCancellation();
    var stream = context.call(() -> follow(id));
    history(stream);
    context.cancel(null);
    Code code = endOf(stream);
    must(code == Code.CANCELLED, code);
    service.record(id, 1);
  }

  private void deadline() {
    var request = StreamEventsRequest.newBuilder().setDeploymentId(newId()).setFollow(true).build();
    var patient = service.events.withDeadlineAfter(500, TimeUnit.MILLISECONDS);
    Code code = endOf(patient.streamEvents(request));
    must(code == Code.DEADLINE_EXCEEDED, code);
  }

  /** Pings every 10 s, the least that grpc-java sends, and lets the stream be quiet for two of them. */
  private void keepalive() throws Exception {
    String id = newId();
    try (var context = Context.current().withCancellation()) {
      var stream = context.call(() -> follow(id));
      history(stream);
      Thread.sleep(25_000);
      service.record(id, 1);
      long sequence = nextSequence(stream);
      must(sequence == 1, sequence);
    }
  }
}
