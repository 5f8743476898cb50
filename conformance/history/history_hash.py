"""The history hash, made from docs/history-hash.md alone: nothing of the service, and no library that knows protobuf."""

import base64
import hashlib
import re
import struct
from datetime import datetime, timezone

NOT_CONTENT = {1, 2, 3, 4, 9, 10, 23, 24, 25}

OUTCOMES = {"OUTCOME_SUCCESS": 1, "OUTCOME_FAILURE": 2, "OUTCOME_CANCELED": 3, "OUTCOME_ERROR": 4}
SEVERITY_NAMES = ["DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"]
SEVERITIES = {f"SEVERITY_{name}": 100 * (index + 1) for index, name in enumerate(SEVERITY_NAMES)}


# The chain


def integer(value):
    return struct.pack(">q", value)


def prefixed(value):
    return integer(len(value)) + value


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def first_value(deployment_id):
    return sha256(prefixed(b"activityevents.history.v1"), prefixed(deployment_id.encode()))


def of_length(length, name, value):
    """A longer salt could take in what stands behind it, so that one commitment would be of two contents."""
    if len(value) != length:
        raise ValueError(f"the {name} has {len(value)} bytes, not {length}")
    return value


class Event:
    """What the hash takes of an event."""

    def __init__(self, event_id, sequence, receive_us, salt, send_time, principal, content, commitment):
        self.event_id = event_id
        self.sequence = sequence
        self.receive_us = receive_us
        self.salt = salt
        self.send_time = send_time
        self.principal = principal
        self.content = content
        self.given_commitment = commitment

    def commitment(self):
        if not self.salt:
            return of_length(32, "commitment", self.given_commitment)
        of_length(16, "salt", self.salt)
        send_time = b"" if self.send_time is None else b"".join(map(integer, self.send_time))
        parts = [self.event_id.encode(), self.content, send_time, self.principal.encode()]
        return sha256(self.salt, *map(prefixed, parts))


class Chain:
    """The hashes after each event of a deployment, from the sequence at which its chain begins."""

    def __init__(self, deployment_id, begins=1):
        self.begins = begins
        self.last = begins - 1
        self.hashes = {}
        self.hash = first_value(deployment_id)

    def add(self, sequence, receive_us, commitment):
        if sequence < self.begins:
            return
        if sequence != self.last + 1:
            raise ValueError(f"{sequence} comes after {self.last}")
        self.hash = sha256(self.hash, integer(sequence), integer(receive_us), commitment)
        self.last = sequence
        self.hashes[sequence] = self.hash


# Off the wire


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def skip_value(data, at, number, wire_type):
    """Answers where the value begins that is behind a tag and a length, and where it ends."""
    if wire_type == 0:
        return at, read_varint(data, at)[1]
    if wire_type == 1:
        return at, at + 8
    if wire_type == 5:
        return at, at + 4
    if wire_type == 2:
        length, at = read_varint(data, at)
        return at, at + length
    if wire_type != 3:
        raise ValueError(f"wire type {wire_type}")
    begin = at
    while True:
        tag, at = read_varint(data, at)
        if tag & 7 == 4 and tag >> 3 == number:
            return begin, at
        _, at = skip_value(data, at, tag >> 3, tag & 7)


def records(data):
    """The records of a message: number, wire type, value, and the whole record with its tag."""
    at = 0
    while at < len(data):
        start = at
        tag, at = read_varint(data, at)
        value_start, at = skip_value(data, at, tag >> 3, tag & 7)
        yield tag >> 3, tag & 7, data[value_start:at], data[start:at]


def fields(data):
    """The last value of each field: a number for a varint, else bytes."""
    return {n: read_varint(value, 0)[0] if wire == 0 else value for n, wire, value, _ in records(data)}


def signed(value):
    return value - 2**64 if value >= 2**63 else value


def time_of_wire(data):
    time = fields(data)
    return signed(time.get(1, 0)), signed(time.get(2, 0))


def event_of_wire(data):
    found = fields(data)
    seconds, nanos = time_of_wire(found[10])
    return Event(
        event_id=found[2].decode(),
        sequence=found[4],
        receive_us=seconds * 1_000_000 + nanos // 1_000,
        salt=found.get(23, b""),
        send_time=time_of_wire(found[9]) if 9 in found else None,
        principal=found.get(25, b"").decode(),
        content=b"".join(record for number, _, _, record in records(data) if number not in NOT_CONTENT),
        commitment=found.get(24, b""),
    )


# From JSON


def varint(value):
    value %= 2**64
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number_record(number, value):
    return varint(number << 3) + varint(value)


def bytes_record(number, value):
    return varint(number << 3 | 2) + varint(len(value)) + value


def text_record(number, text):
    return bytes_record(number, text.encode())


def by_utf8(entries):
    return sorted(entries.items(), key=lambda entry: entry[0].encode())


def encode_labels(labels):
    return b"".join(bytes_record(18, text_record(1, key) + text_record(2, value)) for key, value in by_utf8(labels))


def encode_struct(fields_of):
    entries = [text_record(1, key) + bytes_record(2, encode_value(value)) for key, value in by_utf8(fields_of)]
    return b"".join(bytes_record(1, entry) for entry in entries)


def encode_value(value):
    if value is None:
        return number_record(1, 0)
    if isinstance(value, bool):
        return number_record(4, int(value))
    if isinstance(value, (int, float)):
        return varint(2 << 3 | 1) + struct.pack("<d", value)
    if isinstance(value, str):
        return text_record(3, value)
    if isinstance(value, dict):
        return bytes_record(5, encode_struct(value))
    return bytes_record(6, b"".join(bytes_record(1, encode_value(item)) for item in value))


def time_of_json(text):
    whole, fraction = re.fullmatch(r"(.{19})(?:\.(\d{1,9}))?Z", text).groups()
    moment = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    since = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return since.days * 86_400 + since.seconds, int((fraction or "0").ljust(9, "0"))


def encode_time(text):
    seconds, nanos = time_of_json(text)
    return b"".join(number_record(number, value) for number, value in ((1, seconds), (2, nanos)) if value != 0)


TEXTS = {
    8: "message",
    11: "source",
    12: "actor",
    13: "environment",
    14: "service",
    15: "revision",
    16: "commit",
    17: "url",
    20: "traceParent",
}


def content_of_json(event):
    found = {number: text_record(number, event[name]) for number, name in TEXTS.items() if event.get(name)}
    if event.get("type"):
        found[5] = text_record(5, event["type"])
    if "outcome" in event:
        found[6] = number_record(6, OUTCOMES[event["outcome"]])
    if "severity" in event:
        found[7] = number_record(7, SEVERITIES[event["severity"]])
    if "labels" in event:
        found[18] = encode_labels(event["labels"])
    if "data" in event:
        found[19] = bytes_record(19, encode_struct(event["data"]))
    if "commitTime" in event:
        found[22] = bytes_record(22, encode_time(event["commitTime"]))
    return b"".join(found[number] for number in sorted(found))


def event_of_json(event):
    seconds, nanos = time_of_json(event["receiveTime"])
    return Event(
        event_id=event["eventId"],
        sequence=int(event["sequence"]),
        receive_us=seconds * 1_000_000 + nanos // 1_000,
        salt=base64.b64decode(event.get("salt", "")),
        send_time=time_of_json(event["sendTime"]) if "sendTime" in event else None,
        principal=event.get("principal", ""),
        content=content_of_json(event),
        commitment=base64.b64decode(event.get("commitment", "")),
    )
