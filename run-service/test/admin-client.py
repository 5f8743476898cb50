"""Calls the methods of the admin service with gRPC's own C core, and prints the answer in hexadecimal or status and message.

Arguments: target and token, then a method and its request in hexadecimal, any number of times. An empty token sends none.
"""

import sys

import grpc

target, token, *calls = sys.argv[1:]
metadata = [("authorization", f"Bearer {token}")] if token else []
with grpc.insecure_channel(target) as channel:
    for method, request in zip(calls[::2], calls[1::2]):
        call = channel.unary_unary(f"/activityevents.v1.ActivityEventsAdminService/{method}")
        try:
            print(call(bytes.fromhex(request), timeout=10, metadata=metadata).hex())
        except grpc.RpcError as error:
            print(error.code().name, error.details())
