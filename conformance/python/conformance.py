"""Checks with grpcio what the contract promises.

Takes the address of a service and writes a line for each check: its name, a tab, and "ok" or what was found instead.
"""

import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from random import randint

import grpc
from activityevents import activity_events_pb2 as ancestor
from activityevents import activity_events_pb2_grpc as ancestor_grpc
from activityevents.v1 import activity_events_service_pb2 as service
from activityevents.v1 import activity_events_service_pb2_grpc as service_grpc
from activityevents.v1.event_pb2 import Event
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status

connection = grpc.insecure_channel(
    sys.argv[1],
    options=[("grpc.keepalive_time_ms", 10_000), ("grpc.http2.max_pings_without_data", 0)],
)
events = service_grpc.ActivityEventsServiceStub(connection)
before = ancestor_grpc.ActivityEventsStub(connection)
health = health_pb2_grpc.HealthStub(connection)
reflection = reflection_pb2_grpc.ServerReflectionStub(connection)


def new_id():
    return f"python-{uuid.uuid4()}"


def record(deployment_id, count):
    """Appends events e1, e2, ... to a deployment."""
    new = [Event(event_id=f"e{number}", message="m") for number in range(1, count + 1)]
    return events.BatchCreateEvents(service.BatchCreateEventsRequest(deployment_id=deployment_id, events=new))


def create(**fields):
    return events.CreateEvent(service.CreateEventRequest(event=Event(**fields)))


def details(error, kind):
    """The details of a refusal that are of a kind."""
    found = []
    for detail in rpc_status.from_call(error).details:
        message = kind()
        if detail.Unpack(message):
            found.append(message)
    return found


def assert_refused(call, code, reason):
    """The call ends with this code and exactly one ErrorInfo, of this reason."""
    try:
        answer = call()
    except grpc.RpcError as error:
        reasons = [info.reason for info in details(error, error_details_pb2.ErrorInfo)]
        assert (error.code(), reasons) == (code, [reason]), f"{error.code()} {reasons}"
        return error
    raise AssertionError(f"answered {answer}")


def ended_with(stream):
    """Reads a stream to its end and answers the status."""
    try:
        for _ in stream:
            pass
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def follow(deployment_id, **options):
    """Opens a stream and reads until it has caught up; answers it and the sequences read."""
    request = service.StreamEventsRequest(deployment_id=deployment_id, follow=True)
    stream = events.StreamEvents(request, **options)
    sequences = []
    for frame in stream:
        sequences += [event.sequence for event in frame.events.events]
        if frame.HasField("caught_up"):
            return stream, sequences
    raise AssertionError("the stream ended")


def next_sequences(stream):
    """Reads until a frame with events comes."""
    for frame in stream:
        if frame.HasField("events"):
            return [event.sequence for event in frame.events.events]
    raise AssertionError("the stream ended")


def check_health():
    for name in ["", "activityevents.v1.ActivityEventsService", "activityevents.ActivityEvents"]:
        answer = health.Check(health_pb2.HealthCheckRequest(service=name))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING, f"Check of {name}: {answer}"
    listed = health.List(health_pb2.HealthListRequest()).statuses
    assert len(listed) >= 3, listed
    watch = health.Watch(health_pb2.HealthCheckRequest())
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
    watch.cancel()


def check_reflection():
    requests = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="activityevents.v1.ActivityEventsService"),
    ]
    listed, described = reflection.ServerReflectionInfo(iter(requests))
    names = [one.name for one in listed.list_services_response.service]
    assert "activityevents.v1.ActivityEventsService" in names, names
    assert described.file_descriptor_response.file_descriptor_proto, described


def check_create_event():
    event = Event(deployment_id=new_id(), event_id="e", message="built 🚀")
    event.data.update({"steps": [1.5, True, None, "zwölf 🚀"]})
    first = events.CreateEvent(service.CreateEventRequest(event=event))
    again = events.CreateEvent(service.CreateEventRequest(event=event))
    stored = first.event
    assert (stored.message, stored.data, stored.sequence) == (event.message, event.data, 1), first
    assert not first.duplicate and again.duplicate and again.event == stored, again


def check_conflict():
    deployment_id = new_id()
    record(deployment_id, 1)
    assert_refused(
        lambda: create(deployment_id=deployment_id, event_id="e1", message="other"),
        grpc.StatusCode.ALREADY_EXISTS,
        "EVENT_ID_CONFLICT",
    )


def check_bad_field():
    error = assert_refused(
        lambda: create(deployment_id="no id", message="m"),
        grpc.StatusCode.INVALID_ARGUMENT,
        "REQUEST_INVALID",
    )
    fields = [
        violation.field for bad in details(error, error_details_pb2.BadRequest) for violation in bad.field_violations
    ]
    assert fields == ["event.deployment_id"], fields


def check_gzip():
    request = service.CreateEventRequest(event=Event(deployment_id=new_id(), message="packed"))
    answer = events.CreateEvent(request, compression=grpc.Compression.Gzip)
    assert answer.event.message == "packed", answer


def check_batch_create_events():
    deployment_id = new_id()
    results = [(result.event.event_id, result.event.sequence) for result in record(deployment_id, 100).results]
    assert results == [(f"e{number}", number) for number in range(1, 101)], results
    bad = [Event(event_id="new", message="m"), Event(event_id="no id", message="m")]
    request = service.BatchCreateEventsRequest(deployment_id=deployment_id, events=bad)
    assert_refused(lambda: events.BatchCreateEvents(request), grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_INVALID")
    wanted = service.GetEventRequest(deployment_id=deployment_id, event_id="new")
    assert_refused(lambda: events.GetEvent(wanted), grpc.StatusCode.NOT_FOUND, "EVENT_NOT_FOUND")


def check_get_event():
    deployment_id = new_id()
    record(deployment_id, 2)
    answer = events.GetEvent(service.GetEventRequest(deployment_id=deployment_id, event_id="e2"))
    assert answer.event.sequence == 2, answer
    elsewhere = service.GetEventRequest(deployment_id=new_id(), event_id="e1")
    assert_refused(lambda: events.GetEvent(elsewhere), grpc.StatusCode.NOT_FOUND, "EVENT_NOT_FOUND")


def check_list_events():
    deployment_id = new_id()
    record(deployment_id, 25)
    sequences, request = [], service.ListEventsRequest(deployment_id=deployment_id, page_size=10)
    while True:
        page = events.ListEvents(request)
        sequences += [event.sequence for event in page.events]
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    assert sequences == list(range(1, 26)), sequences


def check_stream_events():
    deployment_id = new_id()
    record(deployment_id, 200)
    stream, history = follow(deployment_id)
    create(deployment_id=deployment_id, event_id="live", message="m")
    live = next_sequences(stream)
    stream.cancel()
    assert history == list(range(1, 201)) and live == [201], f"{history}, live {live}"


def next_watched(stream, deployment_id):
    """Reads until a frame says something of the deployment."""
    for frame in stream:
        for head in frame.deployments.deployments:
            if head.deployment_id == deployment_id:
                return f"at {head.head_sequence}"
        if deployment_id in frame.left.deployment_ids:
            return "left"
        if frame.HasField("caught_up"):
            return "caught up"
    return "the end"


def check_watch_deployments():
    deployment_id = new_id()
    create(deployment_id=deployment_id, message="m", service=deployment_id)
    request = service.WatchDeploymentsRequest(filter=service.DeploymentFilter(service=deployment_id))
    stream = events.WatchDeployments(request)
    found = [next_watched(stream, deployment_id), next_watched(stream, deployment_id)]
    create(deployment_id=deployment_id, message="m", service=deployment_id)
    found.append(next_watched(stream, deployment_id))
    create(deployment_id=deployment_id, message="m", service="other")
    found.append(next_watched(stream, deployment_id))
    stream.cancel()
    assert found == ["at 1", "caught up", "at 2", "left"], found


def check_cursor_ahead():
    deployment_id = new_id()
    record(deployment_id, 1)
    request = service.StreamEventsRequest(deployment_id=deployment_id, after_sequence=2)
    assert_refused(lambda: list(events.StreamEvents(request)), grpc.StatusCode.OUT_OF_RANGE, "CURSOR_AHEAD")


def check_deployments():
    deployment_id = new_id()
    record(deployment_id, 3)
    got = events.GetDeployment(service.GetDeploymentRequest(deployment_id=deployment_id)).deployment
    assert got.head_sequence == 3, got
    request = service.ListDeploymentsRequest()
    while True:
        page = events.ListDeployments(request)
        listed = [one for one in page.deployments if one.deployment_id == deployment_id]
        request.page_token = page.next_page_token
        if listed or not request.page_token:
            break
    assert listed == [got], listed


def pour(messages, events_each):
    """Writes messages without waiting and compares every acknowledgement with what was sent."""
    deployment_id = new_id()

    def requests():
        for first in range(0, messages * events_each, events_each):
            numbers = range(first + 1, first + events_each + 1)
            yield service.IngestEventsRequest(
                events=[Event(deployment_id=deployment_id, event_id=f"e{n}", message="poured in") for n in numbers]
            )

    acknowledged = [
        (one.ordinal, one.deployment_id, one.event_id, one.sequence, one.status.code)
        for frame in events.IngestEvents(requests())
        for one in frame.acknowledgements.acknowledgements
    ]
    count = messages * events_each
    assert len(acknowledged) == count, f"{len(acknowledged)} of {count} acknowledged, and the stream ended OK"
    for number, found in enumerate(acknowledged, start=1):
        assert found == (number, deployment_id, f"e{number}", number, 0), f"acknowledgement {number} is {found}"
    got = events.GetDeployment(service.GetDeploymentRequest(deployment_id=deployment_id)).deployment
    assert got.head_sequence == count, got


def check_ingest_refusal():
    deployment_id = new_id()
    given = [("e1", "m"), ("no id", "m"), ("e1", "other"), ("e2", "m")]
    sent = [Event(deployment_id=deployment_id, event_id=event_id, message=message) for event_id, message in given]
    frames = events.IngestEvents(iter([service.IngestEventsRequest(events=sent)]))
    codes = [one.status.code for frame in frames for one in frame.acknowledgements.acknowledgements]
    refused = [grpc.StatusCode.INVALID_ARGUMENT.value[0], grpc.StatusCode.ALREADY_EXISTS.value[0]]
    assert codes == [0, *refused, 0], codes


def check_cancellation():
    deployment_id = new_id()
    stream, _ = follow(deployment_id)
    stream.cancel()
    code = ended_with(stream)
    assert code == grpc.StatusCode.CANCELLED, code
    record(deployment_id, 1)


def check_deadline():
    request = service.StreamEventsRequest(deployment_id=new_id(), follow=True)
    code = ended_with(events.StreamEvents(request, timeout=0.5))
    assert code == grpc.StatusCode.DEADLINE_EXCEEDED, code


def check_unknown_method():
    call = connection.unary_unary("/activityevents.v1.ActivityEventsService/ForgetEvents")
    try:
        call(b"")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.UNIMPLEMENTED, error.code()
        return
    raise AssertionError("answered")


def check_ancestor_create_event():
    event = ancestor.EventRequest(id=7, deployment_id=randint(1, 2**31 - 1), message="built")
    for answer in [before.CreateEvent(event), before.CreateEvent(event)]:
        assert answer.success and answer.id == 7, answer
    event.message = "other"
    assert_refused(lambda: before.CreateEvent(event), grpc.StatusCode.ALREADY_EXISTS, "EVENT_ID_CONFLICT")


def check_ancestor_list_events():
    deployment_id = randint(1, 2**31 - 1)
    for number in [1, 2, 3]:
        before.CreateEvent(ancestor.EventRequest(id=number, deployment_id=deployment_id, message="m"))
    for asked in [deployment_id, 0]:
        listed = before.ListEvents(ancestor.Deployment(id=asked))
        ids = [event.id for event in listed if event.deployment_id == deployment_id]
        assert ids == [1, 2, 3], f"list of {asked}: {ids}"


def check_keepalive():
    """Pings every 10 s, and lets the stream be quiet for two of them."""
    deployment_id = new_id()
    stream, _ = follow(deployment_id)
    time.sleep(25)
    record(deployment_id, 1)
    sequences = next_sequences(stream)
    stream.cancel()
    assert sequences == [1], sequences


checks = {
    "keepalive": check_keepalive,
    "health": check_health,
    "reflection": check_reflection,
    "create-event": check_create_event,
    "conflict": check_conflict,
    "bad-field": check_bad_field,
    "gzip": check_gzip,
    "batch-create-events": check_batch_create_events,
    "get-event": check_get_event,
    "list-events": check_list_events,
    "stream-events": check_stream_events,
    "watch-deployments": check_watch_deployments,
    "cursor-ahead": check_cursor_ahead,
    "deployments": check_deployments,
    "ingest-5000": lambda: pour(5_000, 1),
    "ingest-joined": lambda: pour(60, 10),
    "ingest-refusal": check_ingest_refusal,
    "cancellation": check_cancellation,
    "deadline": check_deadline,
    "unknown-method": check_unknown_method,
    "ancestor-create-event": check_ancestor_create_event,
    "ancestor-list-events": check_ancestor_list_events,
}


def run(name):
    try:
        checks[name]()
        said = "ok"
    except Exception as error:  # Whatever it is, it is what this check found.
        said = " ".join(f"{type(error).__name__}: {error}".split())
    # In one piece, since other checks write at the same time.
    sys.stdout.write(f"{name}\t{said}\n")
    sys.stdout.flush()


with ThreadPoolExecutor(max_workers=8) as running:
    list(running.map(run, checks))
