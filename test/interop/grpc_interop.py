"""The gRPC interop cases on grpcio, a client on C-core, without generated code.

    /usr/bin/python3 grpc_interop.py HOST:PORT CASE...

Prints a line for each case: "ok CASE", or "not ok CASE: why".
"""

import queue
import sys

import grpc

from client import BOOL, BYTES, INT, STRING, decode, encode, many

SERVICE = "grpc.testing.TestService"
ECHO_INITIAL = "x-grpc-test-echo-initial"
ECHO_TRAILING = "x-grpc-test-echo-trailing-bin"
ECHOED = ((ECHO_INITIAL, "test_initial_metadata_value"), (ECHO_TRAILING, b"\xab\xab\xab"))
REQUEST_BYTES = [27182, 8, 1828, 45904]
ANSWER_BYTES = [31415, 9, 2653, 58979]
TIMEOUT = 30

EMPTY = {}
WRAPPED = {1: ("value", BOOL)}
PAYLOAD = {1: ("type", INT), 2: ("body", BYTES)}
STATUS = {1: ("code", INT), 2: ("message", STRING)}
SIMPLE_REQUEST = {
    2: ("response_size", INT),
    3: ("payload", PAYLOAD),
    6: ("response_compressed", WRAPPED),
    7: ("response_status", STATUS),
    8: ("expect_compressed", WRAPPED),
}
ANSWER = {1: ("payload", PAYLOAD)}
SUM = {1: ("aggregated_payload_size", INT)}
PARAMETERS = {1: ("size", INT), 2: ("interval_us", INT)}
OUTPUT_REQUEST = {2: ("response_parameters", many(PARAMETERS)), 3: ("payload", PAYLOAD), 7: ("response_status", STATUS)}


def zeros(size):
    return {"payload": {"body": "\0" * size}}


def size_of(answer):
    body = answer["payload"]["body"] if answer["payload"] else ""
    check(body == "\0" * len(body), "the body is not of zeros")
    return len(body)


def turn(index):
    return {"response_parameters": [{"size": ANSWER_BYTES[index]}], **zeros(REQUEST_BYTES[index])}


def check(condition, why):
    if not condition:
        raise AssertionError(why)


def equal(found, expected):
    check(found == expected, f"expected {expected!r}, got {found!r}")


class Requests:
    """Requests of a call, sent one by one."""

    def __init__(self):
        self.queue = queue.Queue()

    def send(self, request):
        self.queue.put(request)

    def end(self):
        self.queue.put(None)

    def __iter__(self):
        return iter(self.queue.get, None)


class Cases:
    def __init__(self, channel):
        def serialized(kind, method, request, answer, service=SERVICE):
            return kind(
                f"/{service}/{method}",
                request_serializer=lambda message: encode(request, message),
                response_deserializer=lambda data: decode(answer, data),
            )

        self.empty = serialized(channel.unary_unary, "EmptyCall", EMPTY, EMPTY)
        self.unary = serialized(channel.unary_unary, "UnaryCall", SIMPLE_REQUEST, ANSWER)
        self.input = serialized(channel.stream_unary, "StreamingInputCall", ANSWER, SUM)
        self.output = serialized(channel.unary_stream, "StreamingOutputCall", OUTPUT_REQUEST, ANSWER)
        self.duplex = serialized(channel.stream_stream, "FullDuplexCall", OUTPUT_REQUEST, ANSWER)
        self.method = serialized(channel.unary_unary, "UnimplementedCall", EMPTY, EMPTY)
        self.service = serialized(
            channel.unary_unary, "UnimplementedCall", EMPTY, EMPTY, "grpc.testing.UnimplementedService"
        )

    def large(self, compression=None, **more):
        request = {"response_size": 314159, **zeros(271828), **more}
        equal(size_of(self.unary(request, timeout=TIMEOUT, compression=compression)), 314159)

    def empty_unary(self):
        equal(self.empty({}, timeout=TIMEOUT), {})

    def large_unary(self):
        self.large()

    def client_compressed_unary(self):
        self.large(compression=grpc.Compression.Gzip, expect_compressed={"value": True})
        self.large(expect_compressed={"value": False})

    def server_compressed_unary(self):
        self.large(response_compressed={"value": True})
        self.large(response_compressed={"value": False})

    def client_streaming(self):
        requests = (zeros(size) for size in REQUEST_BYTES)
        equal(self.input(requests, timeout=TIMEOUT)["aggregated_payload_size"], 74922)

    def server_streaming(self):
        request = {"response_parameters": [{"size": size} for size in ANSWER_BYTES]}
        equal([size_of(answer) for answer in self.output(request, timeout=TIMEOUT)], ANSWER_BYTES)

    def ping_pong(self):
        requests = Requests()
        call = self.duplex(iter(requests), timeout=TIMEOUT)
        for index, size in enumerate(ANSWER_BYTES):
            requests.send(turn(index))
            equal(size_of(next(call)), size)
        requests.end()
        equal(list(call), [])
        equal(call.code(), grpc.StatusCode.OK)

    def empty_stream(self):
        equal(list(self.duplex(iter(()), timeout=TIMEOUT)), [])

    def custom_metadata(self):
        _, call = self.unary.with_call({"response_size": 1, **zeros(1)}, timeout=TIMEOUT, metadata=ECHOED)
        self.echoes(call)
        call = self.duplex(iter([turn(1)]), timeout=TIMEOUT, metadata=ECHOED)
        equal([size_of(answer) for answer in call], [9])
        self.echoes(call)

    def echoes(self, call):
        for pair, metadata in zip(ECHOED, (call.initial_metadata(), call.trailing_metadata())):
            check(pair in [tuple(found) for found in metadata], f"{pair!r} is not in {metadata!r}")

    def status_code_and_message(self):
        request = {"response_status": {"code": 2, "message": "test status message"}}
        self.fails(lambda: self.unary(request, timeout=TIMEOUT), "UNKNOWN", "test status message")
        self.fails(lambda: list(self.duplex(iter([request]), timeout=TIMEOUT)), "UNKNOWN", "test status message")

    def special_status_message(self):
        message = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"
        request = {"response_status": {"code": 2, "message": message}}
        self.fails(lambda: self.unary(request, timeout=TIMEOUT), "UNKNOWN", message)

    def unimplemented_method(self):
        self.fails(lambda: self.method({}, timeout=TIMEOUT), "UNIMPLEMENTED")

    def unimplemented_service(self):
        self.fails(lambda: self.service({}, timeout=TIMEOUT), "UNIMPLEMENTED")

    def cancel_after_begin(self):
        call = self.input.future(iter(Requests()), timeout=TIMEOUT)
        call.cancel()
        equal(call.code(), grpc.StatusCode.CANCELLED)

    def cancel_after_first_response(self):
        requests = Requests()
        call = self.duplex(iter(requests), timeout=TIMEOUT)
        requests.send(turn(0))
        equal(size_of(next(call)), ANSWER_BYTES[0])
        call.cancel()
        self.fails(lambda: next(call), "CANCELLED")
        requests.end()

    def timeout_on_sleeping_server(self):
        requests = Requests()
        requests.send(zeros(27182))
        self.fails(lambda: list(self.duplex(iter(requests), timeout=0.001)), "DEADLINE_EXCEEDED")
        requests.end()

    def fails(self, call, code, message=None):
        try:
            call()
        except grpc.RpcError as error:
            equal(error.code().name, code)
            if message is not None:
                equal(error.details(), message)
            return
        raise AssertionError("the call succeeded")


def main():
    target, names = sys.argv[1], sys.argv[2:]
    failed = False
    with grpc.insecure_channel(target, options=[("grpc.enable_http_proxy", 0)]) as channel:
        cases = Cases(channel)
        for name in names:
            try:
                getattr(cases, name)()
                print(f"ok {name}", flush=True)
            except Exception as error:  # whatever it is, the other cases run
                failed = True
                why = f"{error.code().name} {error.details()}" if isinstance(error, grpc.RpcError) else str(error)
                print(f"not ok {name}: {why}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
