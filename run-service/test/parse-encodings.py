"""Tells of each encoded message whether Python's protobuf parses it, with protoc's own parser (upb).

Standard input holds frames: four bytes of length, big-endian, and so many bytes. The first frame is a FileDescriptorSet; each
other one the index of a type among the arguments, one byte, and an encoded message. A byte is answered to each: 1 or 0.
"""

import struct
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal import api_implementation
from google.protobuf.message import DecodeError


def frames(stream):
    while head := stream.read(4):
        yield stream.read(struct.unpack(">I", head)[0])


def parses(message_class, encoded):
    try:
        message_class.FromString(encoded)
    except DecodeError:
        return False
    return True


def main():
    if api_implementation.Type() != "upb":
        sys.exit("this protobuf is not upb's")
    stream = frames(sys.stdin.buffer)
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(next(stream)).file:
        pool.Add(file)
    classes = [message_factory.GetMessageClass(pool.FindMessageTypeByName(name)) for name in sys.argv[1:]]
    for frame in stream:
        sys.stdout.buffer.write(b"\1" if parses(classes[frame[0]], frame[1:]) else b"\0")
        sys.stdout.buffer.flush()


main()
