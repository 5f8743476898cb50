"""Connects to Activity Events, and says when a retry is worth it."""

import random

import grpc
from google.rpc import error_details_pb2, status_pb2

# Notices a dead connection by a ping without an answer, and a service that is back within seconds.
CHANNEL_OPTIONS = [
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.max_reconnect_backoff_ms", 5_000),
]


def retry_delay(error, attempt):
    """Returns the seconds to wait before the same call may succeed; None if it will not."""
    asked = asked_delay(error)
    code = error.code()
    # RESOURCE_EXHAUSTED without a delay is for somebody to mend, as a full disk is.
    passes = code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED) or (
        code == grpc.StatusCode.RESOURCE_EXHAUSTED and asked is not None
    )
    return (asked or 0) + back_off(attempt) if passes else None


def back_off(attempt):
    """A random time whose bound grows up to 5 s, so that not all clients come back at once."""
    return random.uniform(0, min(5, 0.1 * 2 ** min(attempt, 10)))


def asked_delay(error):
    """Returns the delay that a refusal asks for, in seconds; None without one."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                retry = error_details_pb2.RetryInfo()
                if detail.Unpack(retry):
                    return retry.retry_delay.ToTimedelta().total_seconds()
    return None
