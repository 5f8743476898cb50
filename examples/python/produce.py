"""Records a deployment: its start, each line of standard input as progress, and its end.

produce.py ADDRESS DEPLOYMENT_ID < STEPS
"""

import sys
import time
import uuid

import grpc
from activityevents.v1 import activity_events_service_pb2 as pb
from activityevents.v1 import activity_events_service_pb2_grpc as service_grpc
from activityevents.v1.event_pb2 import OUTCOME_SUCCESS, Event

from service import CHANNEL_OPTIONS, retry_delay


def record(stub, event):
    """Records an event; retries for a minute what passes: a lost connection, a restart, an overload."""
    # The event gets its id once, before the first attempt. If an attempt was stored and its answer lost, the next one is a
    # duplicate, not a second event.
    event.event_id = str(uuid.uuid4())
    event.send_time.GetCurrentTime()
    end = time.monotonic() + 60
    attempt = 0
    while True:
        try:
            # Longer than the 10 s that an append may take.
            answer = stub.CreateEvent(pb.CreateEventRequest(event=event), timeout=15)
            print(answer.event.sequence, answer.event.event_id, answer.duplicate, sep="\t", flush=True)
            return
        except grpc.RpcError as error:
            delay = retry_delay(error, attempt)
            if delay is None or time.monotonic() + delay > end:
                raise
            time.sleep(delay)
            attempt += 1


address, deployment_id = sys.argv[1:]
with grpc.insecure_channel(address, options=CHANNEL_OPTIONS) as channel:
    stub = service_grpc.ActivityEventsServiceStub(channel)
    record(stub, Event(deployment_id=deployment_id, type="deployment.started", service="api", environment="production"))
    for step in sys.stdin:
        record(stub, Event(deployment_id=deployment_id, message=step.rstrip("\n")))
    record(stub, Event(deployment_id=deployment_id, type="deployment.finished", outcome=OUTCOME_SUCCESS))
