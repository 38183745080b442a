"""A client of ringside.v1.Cache and grpc.health.v1.Health on grpcio, without generated code.

    /usr/bin/python3 client.py TARGET < calls

TARGET is host:port or unix:PATH. Each line of the input is one call, {"method": "Get", "request": {...}}, with an
optional "timeout" in seconds; each line of the output is what became of it, in order: {"response": {...}} or
{"error": {"code": "NOT_FOUND", "message": "...", "details": {...}}}. Bytes travel in JSON as text where they are
UTF-8, else as {"base64": "..."}.
"""

import base64
import json
import sys

import grpc

STRING, BYTES, RAW, UINT, INT, BOOL = "string", "bytes", "raw", "uint", "int", "bool"


def many(kind):
    return ("many", kind)


GET_REQUEST = {
    1: ("keyspace", STRING),
    2: ("key", STRING),
    3: ("tenant", STRING),
    4: ("max_staleness_ms", UINT),
    5: ("min_version", UINT),
    6: ("fields", many(STRING)),
}
LEASE = {1: ("token", STRING), 2: ("ttl_ms", UINT)}
OUTCOME = ["OUTCOME_UNSPECIFIED", "OUTCOME_FOUND", "OUTCOME_NOT_FOUND", "OUTCOME_MISS"]
SOURCE = [
    "SOURCE_UNSPECIFIED",
    "SOURCE_NEAR",
    "SOURCE_COPY",
    "SOURCE_REPLICA",
    "SOURCE_PRIMARY",
    "SOURCE_ORIGIN",
]
GET_RESPONSE = {
    1: ("outcome", OUTCOME),
    2: ("value", BYTES),
    3: ("source", SOURCE),
    4: ("version", UINT),
    5: ("as_of_unix_ms", INT),
    6: ("age_ms", UINT),
    7: ("degraded", BOOL),
    8: ("lease", LEASE),
}
BATCH_ERROR = {1: ("code", INT), 2: ("reason", STRING), 3: ("message", STRING)}
BATCH_RESULT = {1: ("response", GET_RESPONSE), 2: ("error", BATCH_ERROR)}
SET_REQUEST = {
    1: ("keyspace", STRING),
    2: ("key", STRING),
    3: ("tenant", STRING),
    4: ("value", BYTES),
    5: ("ttl_ms", INT),
    6: ("lease_token", STRING),
    7: ("if_version", UINT),
    8: ("tags", many(STRING)),
}
TARGET = {1: ("keyspace", STRING), 2: ("key", STRING), 3: ("tag", STRING), 4: ("tenant", STRING)}
INVALIDATED = {1: ("version", UINT), 2: ("deferred", BOOL)}
HEALTH_STATUS = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"]

METHODS = {
    "Get": ("/ringside.v1.Cache/Get", GET_REQUEST, GET_RESPONSE),
    "BatchGet": (
        "/ringside.v1.Cache/BatchGet",
        {1: ("requests", many(GET_REQUEST))},
        {1: ("results", many(BATCH_RESULT))},
    ),
    "Set": ("/ringside.v1.Cache/Set", SET_REQUEST, {1: ("stored", BOOL), 2: ("version", UINT)}),
    "Invalidate": (
        "/ringside.v1.Cache/Invalidate",
        {1: ("targets", many(TARGET)), 2: ("hold_ms", INT)},
        {1: ("results", many(INVALIDATED))},
    ),
    "Check": ("/grpc.health.v1.Health/Check", {1: ("service", STRING)}, {1: ("status", HEALTH_STATUS)}),
}

ANY = {1: ("type_url", STRING), 2: ("value", RAW)}
STATUS = {1: ("code", INT), 2: ("message", STRING), 3: ("details", many(ANY))}
DETAILS = {
    "google.rpc.ErrorInfo": {
        1: ("reason", STRING),
        2: ("domain", STRING),
        3: ("metadata", many({1: ("key", STRING), 2: ("value", STRING)})),
    },
    "google.rpc.RetryInfo": {1: ("retry_delay", {1: ("seconds", INT), 2: ("nanos", INT)})},
    "google.rpc.BadRequest": {1: ("field_violations", many({1: ("field", STRING), 2: ("description", STRING)}))},
}


# The wire format: https://protobuf.dev/programming-guides/encoding/


def varint(number):
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def delimited(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def encode(schema, message):
    numbers = {name: (number, kind) for number, (name, kind) in schema.items()}
    out = b""
    for name, value in message.items():
        number, kind = numbers[name]
        if isinstance(kind, tuple):
            out += b"".join(encode_field(number, kind[1], item) for item in value)
        else:
            out += encode_field(number, kind, value)
    return out


def encode_field(number, kind, value):
    if isinstance(kind, dict):
        return delimited(number, encode(kind, value))
    if kind == STRING:
        return delimited(number, value.encode())
    if kind == BYTES:
        return delimited(number, base64.b64decode(value["base64"]) if isinstance(value, dict) else value.encode())
    return varint(number << 3) + varint(int(value))


def decode(schema, data):
    message = {name: default(kind) for name, kind in schema.values()}
    at = 0
    while at < len(data):
        tag, at = read_varint(data, at)
        if tag & 7 == 2:
            size, at = read_varint(data, at)
            raw, at = data[at : at + size], at + size
        elif tag & 7 == 0:
            raw, at = read_varint(data, at)
        else:
            raise ValueError(f"wire type {tag & 7} is not in use here")
        if tag >> 3 in schema:
            name, kind = schema[tag >> 3]
            if isinstance(kind, tuple):
                message[name].append(decoded(kind[1], raw))
            else:
                message[name] = decoded(kind, raw)
    return message


def default(kind):
    if isinstance(kind, tuple):
        return []
    if isinstance(kind, dict):
        return None
    if isinstance(kind, list):
        return kind[0]
    return {STRING: "", BYTES: "", RAW: b"", UINT: 0, INT: 0, BOOL: False}[kind]


def decoded(kind, raw):
    if isinstance(kind, dict):
        return decode(kind, raw)
    if isinstance(kind, list):
        return kind[raw]
    if kind == STRING:
        return raw.decode()
    if kind == BYTES:
        return shown(raw)
    if kind == RAW:
        return raw
    if kind == BOOL:
        return raw == 1
    return raw - (1 << 64) if kind == INT and raw >= 1 << 63 else raw


def shown(raw):
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(raw).decode()}


def read_varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def details_of(error):
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            return dict(unpacked(detail) for detail in decode(STATUS, value)["details"])
    return {}


def unpacked(detail):
    name = detail["type_url"].split("/", 1)[-1]
    return name.rsplit(".", 1)[-1], decode(DETAILS[name], detail["value"])


def run(channel, call):
    path, request, response = METHODS[call["method"]]
    stub = channel.unary_unary(
        path,
        request_serializer=lambda message: encode(request, message),
        response_deserializer=lambda data: decode(response, data),
    )
    try:
        return {"response": stub(call.get("request", {}), timeout=call.get("timeout", 30))}
    except grpc.RpcError as error:
        return {"error": {"code": error.code().name, "message": error.details(), "details": details_of(error)}}


def main():
    with grpc.insecure_channel(sys.argv[1], options=[("grpc.enable_http_proxy", 0)]) as channel:
        for line in sys.stdin:
            if line.strip():
                print(json.dumps(run(channel, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
