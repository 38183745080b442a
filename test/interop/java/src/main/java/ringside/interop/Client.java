package ringside.interop;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The gRPC interop cases on grpc-java: {@code Client HOST:PORT CASE...} prints a line for each, {@code ok CASE} or
 * {@code not ok CASE: why}.
 */
public final class Client {
  private static final int[] REQUEST_BYTES = {27182, 8, 1828, 45904};
  private static final int[] ANSWER_BYTES = {31415, 9, 2653, 58979};
  private static final long TIMEOUT_SECONDS = 30;
  private static final Metadata.Key<String> ECHO_INITIAL =
      Metadata.Key.of("x-grpc-test-echo-initial", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<byte[]> ECHO_TRAILING =
      Metadata.Key.of("x-grpc-test-echo-trailing-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private final ManagedChannel channel;

  private Client(ManagedChannel channel) {
    this.channel = channel;
  }

  public static void main(String[] args) throws Exception {
    ManagedChannel channel = ManagedChannelBuilder.forTarget(args[0]).usePlaintext().build();
    Client client = new Client(channel);
    boolean failed = false;
    for (String name : Arrays.asList(args).subList(1, args.length)) {
      try {
        client.run(name);
        System.out.println("ok " + name);
      } catch (Throwable error) {
        failed = true;
        System.out.println("not ok " + name + ": " + error);
      }
    }
    channel.shutdownNow();
    System.exit(failed ? 1 : 0);
  }

  private void run(String name) throws Exception {
    switch (name) {
      case "empty_unary" -> equal(blocking().emptyCall(Empty.getDefaultInstance()), Empty.getDefaultInstance());
      case "large_unary" -> large(blocking(), SimpleRequest.newBuilder());
      case "client_compressed_unary" -> {
        large(blocking().withCompression("gzip"), SimpleRequest.newBuilder().setExpectCompressed(bool(true)));
        large(blocking(), SimpleRequest.newBuilder().setExpectCompressed(bool(false)));
      }
      case "server_compressed_unary" -> {
        large(blocking(), SimpleRequest.newBuilder().setResponseCompressed(bool(true)));
        large(blocking(), SimpleRequest.newBuilder().setResponseCompressed(bool(false)));
      }
      case "client_streaming" -> clientStreaming();
      case "server_streaming" -> serverStreaming();
      case "ping_pong" -> pingPong();
      case "empty_stream" -> {
        Duplex call = new Duplex(stub());
        call.requests.onCompleted();
        equal(call.end().getCode(), Status.Code.OK);
        equal(call.answers.size(), 0);
      }
      case "custom_metadata" -> customMetadata();
      case "status_code_and_message" -> statusCodeAndMessage();
      case "special_status_message" -> {
        String message = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \ud83d\ude08\t\n";
        fails(() -> blocking().unaryCall(SimpleRequest.newBuilder().setResponseStatus(echo(message)).build()), message);
      }
      case "unimplemented_method" ->
          equal(codeOf(() -> blocking().unimplementedCall(Empty.getDefaultInstance())), Status.Code.UNIMPLEMENTED);
      case "unimplemented_service" ->
          equal(
              codeOf(() -> UnimplementedServiceGrpc.newBlockingStub(channel)
                  .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                  .unimplementedCall(Empty.getDefaultInstance())),
              Status.Code.UNIMPLEMENTED);
      case "cancel_after_begin" -> cancelAfterBegin();
      case "cancel_after_first_response" -> {
        Duplex call = new Duplex(stub());
        call.requests.onNext(turn(0));
        equal(call.next(), ANSWER_BYTES[0]);
        call.requests.cancel("as the case has it", null);
        equal(call.end().getCode(), Status.Code.CANCELLED);
      }
      case "timeout_on_sleeping_server" -> {
        Duplex call = new Duplex(TestServiceGrpc.newStub(channel).withDeadlineAfter(1, TimeUnit.MILLISECONDS));
        try {
          call.requests.onNext(StreamingOutputCallRequest.newBuilder().setPayload(zeros(27182)).build());
        } catch (IllegalStateException over) {
          // The millisecond is over already.
        }
        equal(call.end().getCode(), Status.Code.DEADLINE_EXCEEDED);
      }
      default -> throw new AssertionError("no such case");
    }
  }

  private TestServiceGrpc.TestServiceBlockingStub blocking() {
    return TestServiceGrpc.newBlockingStub(channel).withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  private TestServiceGrpc.TestServiceStub stub() {
    return TestServiceGrpc.newStub(channel).withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  private static void large(TestServiceGrpc.TestServiceBlockingStub stub, SimpleRequest.Builder request) {
    SimpleResponse answer = stub.unaryCall(request.setResponseSize(314159).setPayload(zeros(271828)).build());
    equal(answer.getPayload(), zeros(314159));
  }

  private void clientStreaming() throws Exception {
    Answers<StreamingInputCallRequest, StreamingInputCallResponse> answers = new Answers<>();
    StreamObserver<StreamingInputCallRequest> requests = stub().streamingInputCall(answers);
    for (int size : REQUEST_BYTES) {
      requests.onNext(StreamingInputCallRequest.newBuilder().setPayload(zeros(size)).build());
    }
    requests.onCompleted();
    equal(answers.end().getCode(), Status.Code.OK);
    equal(answers.answers.remove().getAggregatedPayloadSize(), 74922);
  }

  private void serverStreaming() {
    StreamingOutputCallRequest.Builder request = StreamingOutputCallRequest.newBuilder();
    for (int size : ANSWER_BYTES) {
      request.addResponseParameters(ResponseParameters.newBuilder().setSize(size));
    }
    List<Integer> sizes = new ArrayList<>();
    Iterator<StreamingOutputCallResponse> answers = blocking().streamingOutputCall(request.build());
    answers.forEachRemaining(answer -> sizes.add(answer.getPayload().getBody().size()));
    equal(sizes, Arrays.stream(ANSWER_BYTES).boxed().toList());
  }

  private void pingPong() throws Exception {
    Duplex call = new Duplex(stub());
    for (int index = 0; index < ANSWER_BYTES.length; index++) {
      call.requests.onNext(turn(index));
      equal(call.next(), ANSWER_BYTES[index]);
    }
    call.requests.onCompleted();
    equal(call.end().getCode(), Status.Code.OK);
    equal(call.answers.size(), 0);
  }

  private void customMetadata() throws Exception {
    Echo unary = new Echo();
    blocking().withInterceptors(unary).unaryCall(SimpleRequest.newBuilder().setResponseSize(1).build());
    unary.check();
    Echo streaming = new Echo();
    Duplex call = new Duplex(stub().withInterceptors(streaming));
    call.requests.onNext(turn(1));
    equal(call.next(), ANSWER_BYTES[1]);
    call.requests.onCompleted();
    equal(call.end().getCode(), Status.Code.OK);
    streaming.check();
  }

  private void statusCodeAndMessage() throws Exception {
    String message = "test status message";
    fails(() -> blocking().unaryCall(SimpleRequest.newBuilder().setResponseStatus(echo(message)).build()), message);
    Duplex call = new Duplex(stub());
    call.requests.onNext(StreamingOutputCallRequest.newBuilder().setResponseStatus(echo(message)).build());
    call.requests.onCompleted();
    Status status = call.end();
    equal(status.getCode(), Status.Code.UNKNOWN);
    equal(status.getDescription(), message);
  }

  private void cancelAfterBegin() throws Exception {
    Answers<StreamingInputCallRequest, StreamingInputCallResponse> answers = new Answers<>();
    stub().streamingInputCall(answers);
    answers.requests.cancel("as the case has it", null);
    equal(answers.end().getCode(), Status.Code.CANCELLED);
  }

  private static Payload zeros(int size) {
    return Payload.newBuilder().setBody(ByteString.copyFrom(new byte[size])).build();
  }

  private static BoolValue bool(boolean value) {
    return BoolValue.newBuilder().setValue(value).build();
  }

  private static EchoStatus echo(String message) {
    return EchoStatus.newBuilder().setCode(2).setMessage(message).build();
  }

  private static StreamingOutputCallRequest turn(int index) {
    return StreamingOutputCallRequest.newBuilder()
        .addResponseParameters(ResponseParameters.newBuilder().setSize(ANSWER_BYTES[index]))
        .setPayload(zeros(REQUEST_BYTES[index]))
        .build();
  }

  private static void fails(Runnable call, String message) {
    try {
      call.run();
    } catch (StatusRuntimeException error) {
      equal(error.getStatus().getCode(), Status.Code.UNKNOWN);
      equal(error.getStatus().getDescription(), message);
      return;
    }
    throw new AssertionError("the call succeeded");
  }

  private static Status.Code codeOf(Runnable call) {
    try {
      call.run();
      return Status.Code.OK;
    } catch (StatusRuntimeException error) {
      return error.getStatus().getCode();
    }
  }

  private static void equal(Object found, Object expected) {
    if (!Objects.equals(found, expected)) {
      throw new AssertionError("expected " + brief(expected) + ", got " + brief(found));
    }
  }

  private static String brief(Object shown) {
    String text = String.valueOf(shown);
    return text.length() > 200 ? text.substring(0, 200) + "..." : text;
  }

  /** All that a call answers with. */
  private static class Answers<Request, Answer> implements ClientResponseObserver<Request, Answer> {
    final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    final BlockingQueue<Status> ends = new LinkedBlockingQueue<>();
    ClientCallStreamObserver<Request> requests;

    @Override
    public void beforeStart(ClientCallStreamObserver<Request> call) {
      requests = call;
    }

    @Override
    public void onNext(Answer answer) {
      answers.add(answer);
    }

    @Override
    public void onError(Throwable error) {
      ends.add(Status.fromThrowable(error));
    }

    @Override
    public void onCompleted() {
      ends.add(Status.OK);
    }

    Status end() throws InterruptedException {
      Status status = ends.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      if (status == null) {
        throw new AssertionError("the call does not end");
      }
      return status;
    }
  }

  private static final class Duplex extends Answers<StreamingOutputCallRequest, StreamingOutputCallResponse> {
    Duplex(TestServiceGrpc.TestServiceStub stub) {
      stub.fullDuplexCall(this);
    }

    int next() throws InterruptedException {
      StreamingOutputCallResponse answer = answers.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      if (answer == null) {
        throw new AssertionError("no answer; the call ended with " + ends.peek());
      }
      return answer.getPayload().getBody().size();
    }
  }

  /** Sends what is to be echoed, and keeps what came back. */
  private static final class Echo implements ClientInterceptor {
    final AtomicReference<Metadata> initial = new AtomicReference<>(new Metadata());
    final AtomicReference<Metadata> trailing = new AtomicReference<>(new Metadata());

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<Q, A>(next.newCall(method, options)) {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          headers.put(ECHO_INITIAL, "test_initial_metadata_value");
          headers.put(ECHO_TRAILING, new byte[] {(byte) 0xab, (byte) 0xab, (byte) 0xab});
          super.start(
              new SimpleForwardingClientCallListener<A>(listener) {
                @Override
                public void onHeaders(Metadata metadata) {
                  initial.set(metadata);
                  super.onHeaders(metadata);
                }

                @Override
                public void onClose(Status status, Metadata metadata) {
                  trailing.set(metadata);
                  super.onClose(status, metadata);
                }
              },
              headers);
        }
      };
    }

    void check() {
      equal(initial.get().get(ECHO_INITIAL), "test_initial_metadata_value");
      equal(Arrays.toString(trailing.get().get(ECHO_TRAILING)), "[-85, -85, -85]");
    }
  }
}
