"""Computes the history hashes of deployments and compares them with what the service and the topic say.

Each line of standard input is a request in JSON, each line of standard output the answer to it, in the same order:
  {"address", "deploymentId"}           reads the deployment over gRPC, follows it until a heartbeat, and compares in each place
  {"deploymentId", "begins", "messages": [{"json", "attributes"}]}   the same with the messages on the topic, first appearances
An answer has "sequence" and "hash", the last that was computed, and "faults", a line for each hash that is not the same. Over gRPC
it says how often which place named a hash ("compared"); of the topic, at which sequences the content rebuilt from JSON gives another
commitment ("notRebuilt"), and at which the message has no hash ("withoutHash").
"""

import json
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import history_hash

SERVICE = "/activityevents.v1.ActivityEventsService"
FRAMES = {3: "caught_up", 4: "fell_behind", 5: "heartbeat"}


def as_it_is(data):
    return data


def check_service(address, deployment_id):
    import grpc

    with grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)]) as channel:
        named = history_hash.text_record(1, deployment_id)
        get = channel.unary_unary(f"{SERVICE}/GetDeployment", as_it_is, as_it_is)
        head = history_hash.fields(history_hash.fields(get(named, timeout=60))[1])
        chain = history_hash.Chain(deployment_id, head.get(22, 1))
        told = [("get_deployment", head.get(21), head.get(20))] if 20 in head else []
        stream = channel.unary_stream(f"{SERVICE}/StreamEvents", as_it_is, as_it_is)
        follow = history_hash.number_record(3, 1)
        events = 0
        for response in stream(named + follow, timeout=120):
            for number, _, frame, _ in history_hash.records(response):
                if number == 2:
                    for _, _, encoded, _ in history_hash.records(frame):
                        event = history_hash.event_of_wire(encoded)
                        chain.add(event.sequence, event.receive_us, event.commitment())
                        events += 1
                elif number in FRAMES:
                    fields = history_hash.fields(frame)
                    told.append((FRAMES[number], fields.get(4), fields.get(3)))
            if told[-1:] and told[-1][0] == "heartbeat":
                break
    faults = [
        f"{place} says {hash and hash.hex()} at {sequence}, not {chain.hashes.get(sequence, b'').hex()}"
        for place, sequence, hash in told
        if hash is None or chain.hashes.get(sequence) != hash
    ]
    compared = Counter(place for place, _, _ in told)
    return {"events": events, "sequence": chain.last, "hash": chain.hash.hex(), "compared": compared, "faults": faults}


def check_topic(deployment_id, begins, messages):
    chain = history_hash.Chain(deployment_id, begins)
    faults = []
    not_rebuilt = []
    without_hash = []
    for message in messages:
        event = history_hash.event_of_json(message["json"])
        attributes = message["attributes"]
        commitment = bytes.fromhex(attributes["commitment"])
        if event.commitment() != commitment:
            not_rebuilt.append(event.sequence)
        chain.add(event.sequence, event.receive_us, commitment)
        said = attributes.get("history_hash")
        if said is None:
            without_hash.append(event.sequence)
        elif bytes.fromhex(said) != chain.hashes.get(event.sequence):
            faults.append(f"{event.sequence} has {said}, not {chain.hashes.get(event.sequence, b'').hex()}")
    return {
        "events": len(messages),
        "sequence": chain.last,
        "hash": chain.hash.hex(),
        "notRebuilt": not_rebuilt,
        "withoutHash": without_hash,
        "faults": faults,
    }


def answer(line):
    request = json.loads(line)
    try:
        if "address" in request:
            return check_service(request["address"], request["deploymentId"])
        return check_topic(request["deploymentId"], request["begins"], request["messages"])
    except Exception as error:  # The one who asked sees it.
        return {"faults": [f"{type(error).__name__}: {error}"]}


def main():
    with ThreadPoolExecutor(8) as pool:
        for answered in pool.map(answer, sys.stdin):
            print(json.dumps(answered), flush=True)


main()
