"""Shows the events of a deployment, and goes on live. The file keeps the cursor, so that a restart goes on where it ended.

follow.py ADDRESS DEPLOYMENT_ID CURSOR_FILE
"""

import asyncio
import os
import sys

import grpc
from activityevents.v1 import activity_events_service_pb2 as pb
from activityevents.v1 import activity_events_service_pb2_grpc as service_grpc

from service import CHANNEL_OPTIONS, back_off, retry_delay

address, deployment_id, cursor_file = sys.argv[1:]
cursor = 0  # Sequence of the last event that was handled.


def handle(event):
    """Does what the events are for, then moves the cursor: after a crash in between the event comes again."""
    global cursor
    print(event.sequence, event.type, event.message, sep="\t", flush=True)
    cursor = event.sequence
    with open(f"{cursor_file}.new", "w") as file:
        file.write(str(cursor))
    os.replace(f"{cursor_file}.new", cursor_file)


async def read_stream(stub):
    """Reads one stream after the cursor to its end; returns the delay that the service wants before the next one."""
    stream = stub.StreamEvents(
        pb.StreamEventsRequest(deployment_id=deployment_id, after_sequence=cursor, follow=True)
    )
    delay = 0
    # The service sends heartbeats. Nothing for three intervals means that this stream is dead, even if the connection looks alive.
    silence = 15
    while (answer := await asyncio.wait_for(stream.read(), silence)) is not grpc.aio.EOF:
        frame = answer.WhichOneof("frame")
        if frame == "opened":
            silence = 3 * answer.opened.heartbeat_interval.ToTimedelta().total_seconds()
        elif frame == "events":
            for event in answer.events.events:
                handle(event)
        elif frame == "caught_up":
            print(f"caught up at {answer.caught_up.cursor}", file=sys.stderr)
        elif frame == "goaway":  # The service restarts, or the stream is old: it ends now.
            delay = answer.goaway.retry_delay.ToTimedelta().total_seconds()
    return delay


async def follow():
    global cursor
    if os.path.exists(cursor_file):
        with open(cursor_file) as file:
            cursor = int(file.read())
    attempt = 0
    async with grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) as channel:
        stub = service_grpc.ActivityEventsServiceStub(channel)
        while True:
            before = cursor
            try:
                delay = await read_stream(stub)
                attempt = 0
            except TimeoutError:
                print("the service is silent", file=sys.stderr)
                delay = back_off(attempt)
            except grpc.aio.AioRpcError as error:
                delay = retry_delay(error, attempt)
                print(error.code().name, error.details(), file=sys.stderr)
                if delay is None:  # CURSOR_AHEAD, for one: the service has fewer events than were seen here.
                    sys.exit(1)
            attempt = 0 if cursor > before else attempt + 1
            await asyncio.sleep(delay)


asyncio.run(follow())
