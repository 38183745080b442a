// A client of the gRPC interop cases on grpc-go, whose own package has most of them.
//
//	client HOST:PORT CASE...
//
// Prints "ok CASE" for each; a case that fails ends the program, as the package has it.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/interop"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	testpb "google.golang.org/grpc/interop/grpc_testing"
)

const (
	largeRequestBytes = 271828
	largeAnswerBytes  = 314159
	timeout           = 30 * time.Second
)

func large(ctx context.Context, client testgrpc.TestServiceClient, request *testpb.SimpleRequest, options ...grpc.CallOption) {
	request.ResponseSize = largeAnswerBytes
	request.Payload = interop.ClientNewPayload(testpb.PayloadType_COMPRESSABLE, largeRequestBytes)
	answer, err := client.UnaryCall(ctx, request, options...)
	if err != nil {
		fail(fmt.Sprintf("UnaryCall: %v", err))
	}
	if got := len(answer.GetPayload().GetBody()); got != largeAnswerBytes {
		fail(fmt.Sprintf("expected %d bytes, got %d", largeAnswerBytes, got))
	}
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}

func run(name string, conn *grpc.ClientConn) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	client := testgrpc.NewTestServiceClient(conn)
	switch name {
	case "empty_unary":
		interop.DoEmptyUnaryCall(ctx, client)
	case "large_unary":
		interop.DoLargeUnaryCall(ctx, client)
	case "client_compressed_unary":
		large(ctx, client, &testpb.SimpleRequest{ExpectCompressed: &testpb.BoolValue{Value: true}}, grpc.UseCompressor(gzip.Name))
		large(ctx, client, &testpb.SimpleRequest{ExpectCompressed: &testpb.BoolValue{}})
	case "server_compressed_unary":
		large(ctx, client, &testpb.SimpleRequest{ResponseCompressed: &testpb.BoolValue{Value: true}})
		large(ctx, client, &testpb.SimpleRequest{ResponseCompressed: &testpb.BoolValue{}})
	case "client_streaming":
		interop.DoClientStreaming(ctx, client)
	case "server_streaming":
		interop.DoServerStreaming(ctx, client)
	case "ping_pong":
		interop.DoPingPong(ctx, client)
	case "empty_stream":
		interop.DoEmptyStream(ctx, client)
	case "custom_metadata":
		interop.DoCustomMetadata(ctx, client)
	case "status_code_and_message":
		interop.DoStatusCodeAndMessage(ctx, client)
	case "special_status_message":
		interop.DoSpecialStatusMessage(ctx, client)
	case "unimplemented_method":
		interop.DoUnimplementedMethod(ctx, conn)
	case "unimplemented_service":
		interop.DoUnimplementedService(ctx, testgrpc.NewUnimplementedServiceClient(conn))
	case "cancel_after_begin":
		interop.DoCancelAfterBegin(ctx, client)
	case "cancel_after_first_response":
		interop.DoCancelAfterFirstResponse(ctx, client)
	case "timeout_on_sleeping_server":
		interop.DoTimeoutOnSleepingServer(ctx, client)
	default:
		fail("no such case")
	}
}

func main() {
	conn, err := grpc.NewClient("passthrough:///"+os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fail(err.Error())
	}
	defer conn.Close()
	for _, name := range os.Args[2:] {
		run(name, conn)
		fmt.Println("ok", name)
	}
}
