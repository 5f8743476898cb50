"""Asks for the health of a service over TLS, with gRPC's own C core, and prints the answer in hexadecimal or the status.

Arguments: target, file of the authority and, for mutual TLS, files of the client's certificate and key.
"""

import sys

import grpc

target, *files = sys.argv[1:]
authority, certificate, key = (*[open(file, "rb").read() for file in files], None, None)[:3]
credentials = grpc.ssl_channel_credentials(authority, key, certificate)
with grpc.secure_channel(target, credentials) as channel:
    check = channel.unary_unary("/grpc.health.v1.Health/Check")
    try:
        print(check(b"", timeout=10).hex())
    except grpc.RpcError as error:
        print(error.code().name)
