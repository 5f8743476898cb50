"""Imports the export of one service into another with gRPC's own C core and no generated code: an encoded ExportEventsResponse is an
encoded ImportEventsRequest. Prints the status, and the encoded answers in hexadecimal.

Arguments: source, target, admin token, and the number of messages that are relayed; 0 for all.
"""

import itertools
import sys

import grpc

source, target, token, count = sys.argv[1:]
service = "/activityevents.v1.ActivityEventsAdminService"
metadata = [("authorization", f"Bearer {token}")]
with grpc.insecure_channel(source) as read, grpc.insecure_channel(target) as write:
    messages = read.unary_stream(f"{service}/ExportEvents")(b"", metadata=metadata, timeout=60)
    relayed = itertools.islice(messages, int(count) or None)
    answers = write.stream_stream(f"{service}/ImportEvents")(relayed, metadata=metadata, timeout=60)
    received = []
    try:
        for answer in answers:
            received.append(answer.hex())
    except grpc.RpcError:
        pass
    print(answers.code().name)
    for answer in received:
        print(answer)
