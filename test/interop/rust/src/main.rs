//! The gRPC interop cases on tonic: `interop HOST:PORT CASE...` prints a line for each, `ok CASE` or
//! `not ok CASE: why`.

mod messages;

use std::fmt::Debug;
use std::process::ExitCode;
use std::time::Duration;

use http::uri::PathAndQuery;
use messages::{BoolValue, Carrier, EchoStatus, Empty, OutputRequest, Payload, ResponseParameters, SimpleRequest, Sum};
use prost::Message;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::client::Grpc;
use tonic::codec::CompressionEncoding;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;

const REQUEST_BYTES: [usize; 4] = [27182, 8, 1828, 45904];
const ANSWER_BYTES: [usize; 4] = [31415, 9, 2653, 58979];
const LARGE_REQUEST_BYTES: usize = 271_828;
const LARGE_ANSWER_BYTES: usize = 314_159;
const TIMEOUT: Duration = Duration::from_secs(30);
const ECHO_INITIAL: &str = "x-grpc-test-echo-initial";
const ECHO_TRAILING: &str = "x-grpc-test-echo-trailing-bin";
const INITIAL: &str = "test_initial_metadata_value";
const TRAILING: [u8; 3] = [0xab; 3];

type Checked = Result<(), String>;

#[derive(Clone)]
struct Client(Grpc<Channel>);

impl Client {
    async fn ready(&mut self) -> Result<(), Status> {
        self.0.ready().await.map_err(|error| Status::unavailable(error.to_string()))
    }

    async fn unary<Q, A>(&mut self, method: &'static str, request: impl Into<Request<Q>>) -> Result<Response<A>, Status>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        self.ready().await?;
        self.0.unary(limited(request.into()), PathAndQuery::from_static(method), ProstCodec::default()).await
    }

    async fn input(&mut self, requests: impl Stream<Item = Carrier> + Send + 'static) -> Result<Response<Sum>, Status> {
        self.ready().await?;
        let path = PathAndQuery::from_static("/grpc.testing.TestService/StreamingInputCall");
        self.0.client_streaming(limited(Request::new(requests)), path, ProstCodec::default()).await
    }

    async fn output(&mut self, request: OutputRequest) -> Result<Response<Streaming<Carrier>>, Status> {
        self.ready().await?;
        let path = PathAndQuery::from_static("/grpc.testing.TestService/StreamingOutputCall");
        self.0.server_streaming(limited(Request::new(request)), path, ProstCodec::default()).await
    }

    async fn duplex<S>(&mut self, requests: Request<S>) -> Result<Response<Streaming<Carrier>>, Status>
    where
        S: Stream<Item = OutputRequest> + Send + 'static,
    {
        self.ready().await?;
        let path = PathAndQuery::from_static("/grpc.testing.TestService/FullDuplexCall");
        self.0.streaming(requests, path, ProstCodec::default()).await
    }

    async fn large(&mut self, request: SimpleRequest) -> Checked {
        let request = SimpleRequest {
            response_size: LARGE_ANSWER_BYTES as i32,
            payload: zeros(LARGE_REQUEST_BYTES),
            ..request
        };
        let answer: Response<Carrier> = told(self.unary("/grpc.testing.TestService/UnaryCall", Request::new(request)).await)?;
        equal(answer.get_ref().payload == zeros(LARGE_ANSWER_BYTES), true)
    }

    async fn run(&mut self, name: &str) -> Checked {
        match name {
            "empty_unary" => {
                let call = self.unary("/grpc.testing.TestService/EmptyCall", Request::new(Empty {})).await;
                equal(told(call)?.into_inner(), Empty {})
            }
            "large_unary" => self.large(SimpleRequest::default()).await,
            "client_compressed_unary" => {
                let mut compressing = Client(self.0.clone().send_compressed(CompressionEncoding::Gzip));
                let expect_compressed = |value| SimpleRequest { expect_compressed: Some(BoolValue { value }), ..Default::default() };
                compressing.large(expect_compressed(true)).await?;
                self.large(expect_compressed(false)).await
            }
            "server_compressed_unary" => {
                let mut accepting = Client(self.0.clone().accept_compressed(CompressionEncoding::Gzip));
                for value in [true, false] {
                    let response_compressed = Some(BoolValue { value });
                    accepting.large(SimpleRequest { response_compressed, ..Default::default() }).await?;
                }
                Ok(())
            }
            "client_streaming" => {
                let requests = REQUEST_BYTES.map(|size| Carrier { payload: zeros(size) });
                equal(told(self.input(tokio_stream::iter(requests)).await)?.get_ref().aggregated_payload_size, 74922)
            }
            "server_streaming" => {
                let response_parameters = ANSWER_BYTES.map(parameters).to_vec();
                let call = self.output(OutputRequest { response_parameters, ..Default::default() }).await;
                equal(told(sizes(told(call)?.into_inner()).await)?, ANSWER_BYTES.to_vec())
            }
            "ping_pong" => self.ping_pong().await,
            "empty_stream" => {
                let call = self.duplex(limited(Request::new(tokio_stream::empty()))).await;
                equal(told(sizes(told(call)?.into_inner()).await)?, vec![])
            }
            "custom_metadata" => self.custom_metadata().await,
            "status_code_and_message" => self.status_code_and_message().await,
            "special_status_message" => {
                let message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
                let request = SimpleRequest { response_status: echo(message), ..Default::default() };
                let call = self.unary::<_, Carrier>("/grpc.testing.TestService/UnaryCall", Request::new(request)).await;
                fails(call, Code::Unknown, Some(message))
            }
            "unimplemented_method" => {
                let call = self.unary::<_, Empty>("/grpc.testing.TestService/UnimplementedCall", Request::new(Empty {})).await;
                fails(call, Code::Unimplemented, None)
            }
            "unimplemented_service" => {
                let path = "/grpc.testing.UnimplementedService/UnimplementedCall";
                let call = self.unary::<_, Empty>(path, Request::new(Empty {})).await;
                fails(call, Code::Unimplemented, None)
            }
            "cancel_after_begin" => {
                // A call is cancelled where its future is dropped, before it could tell its status.
                let (_requests, receiver) = mpsc::unbounded_channel();
                let call = self.clone();
                let begun = tokio::spawn(async move { call.clone().input(UnboundedReceiverStream::new(receiver)).await });
                tokio::time::sleep(Duration::from_millis(10)).await;
                begun.abort();
                equal(begun.await.is_err_and(|error| error.is_cancelled()), true)?;
                self.large(SimpleRequest::default()).await
            }
            "cancel_after_first_response" => {
                let (requests, receiver) = mpsc::unbounded_channel();
                told(requests.send(turn(0)))?;
                let call = self.duplex(limited(Request::new(UnboundedReceiverStream::new(receiver)))).await;
                let mut answers = told(call)?.into_inner();
                equal(told(next(&mut answers).await)?, ANSWER_BYTES[0])?;
                drop(answers);
                self.large(SimpleRequest::default()).await
            }
            "timeout_on_sleeping_server" => {
                let (requests, receiver) = mpsc::unbounded_channel();
                told(requests.send(OutputRequest { payload: zeros(27182), ..Default::default() }))?;
                let mut request = Request::new(UnboundedReceiverStream::new(receiver));
                request.set_timeout(Duration::from_millis(1));
                let answered = match self.duplex(request).await {
                    Ok(call) => sizes(call.into_inner()).await,
                    Err(status) => Err(status),
                };
                // tonic's own timer tells of a deadline as a cancellation: hyperium/tonic, transport/service/grpc_timeout.rs.
                match answered {
                    Err(status) if status.code() == Code::Cancelled && status.message() == "Timeout expired" => Ok(()),
                    other => fails(other, Code::DeadlineExceeded, None),
                }
            }
            _ => Err("no such case".into()),
        }
    }

    async fn ping_pong(&mut self) -> Checked {
        let (requests, receiver) = mpsc::unbounded_channel();
        told(requests.send(turn(0)))?;
        let call = self.duplex(limited(Request::new(UnboundedReceiverStream::new(receiver)))).await;
        let mut answers = told(call)?.into_inner();
        for (index, size) in ANSWER_BYTES.into_iter().enumerate() {
            equal(told(next(&mut answers).await)?, size)?;
            if index + 1 < ANSWER_BYTES.len() {
                told(requests.send(turn(index + 1)))?;
            }
        }
        drop(requests);
        equal(told(sizes(answers).await)?, vec![])
    }

    async fn custom_metadata(&mut self) -> Checked {
        let request = SimpleRequest { response_size: 1, payload: zeros(1), ..Default::default() };
        let call = self.unary::<_, Carrier>("/grpc.testing.TestService/UnaryCall", echoed(request)).await;
        // A unary answer of tonic holds initial and trailing metadata in one.
        let answer = told(call)?;
        echoes(answer.metadata(), answer.metadata())?;

        let call = told(self.duplex(limited(echoed(tokio_stream::once(turn(1))))).await)?;
        let (initial, mut answers, _) = call.into_parts();
        equal(told(next(&mut answers).await)?, ANSWER_BYTES[1])?;
        let trailing = told(answers.trailers().await)?.unwrap_or_default();
        echoes(&initial, &trailing)
    }

    async fn status_code_and_message(&mut self) -> Checked {
        let message = "test status message";
        let request = SimpleRequest { response_status: echo(message), ..Default::default() };
        let call = self.unary::<_, Carrier>("/grpc.testing.TestService/UnaryCall", Request::new(request)).await;
        fails(call, Code::Unknown, Some(message))?;
        let request = OutputRequest { response_status: echo(message), ..Default::default() };
        let answered = match self.duplex(limited(Request::new(tokio_stream::once(request)))).await {
            Ok(call) => sizes(call.into_inner()).await,
            Err(status) => Err(status),
        };
        fails(answered, Code::Unknown, Some(message))
    }
}

fn limited<T>(mut request: Request<T>) -> Request<T> {
    request.set_timeout(TIMEOUT);
    request
}

fn echoed<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert(ECHO_INITIAL, MetadataValue::from_static(INITIAL));
    request.metadata_mut().insert_bin(ECHO_TRAILING, MetadataValue::from_bytes(&TRAILING));
    request
}

fn echoes(initial: &MetadataMap, trailing: &MetadataMap) -> Checked {
    equal(initial.get(ECHO_INITIAL).map(|value| value.as_bytes()), Some(INITIAL.as_bytes()))?;
    let found = trailing.get_bin(ECHO_TRAILING).and_then(|value| value.to_bytes().ok());
    equal(found.as_deref(), Some(&TRAILING[..]))
}

fn zeros(size: usize) -> Option<Payload> {
    Some(Payload { kind: 0, body: vec![0; size] })
}

fn echo(message: &str) -> Option<EchoStatus> {
    Some(EchoStatus { code: 2, message: message.into() })
}

fn parameters(size: usize) -> ResponseParameters {
    ResponseParameters { size: size as i32 }
}

fn turn(index: usize) -> OutputRequest {
    OutputRequest {
        response_parameters: vec![parameters(ANSWER_BYTES[index])],
        payload: zeros(REQUEST_BYTES[index]),
        ..Default::default()
    }
}

async fn next(answers: &mut Streaming<Carrier>) -> Result<usize, Status> {
    let answer = answers.message().await?.ok_or_else(|| Status::unknown("no more answers"))?;
    Ok(answer.payload.map_or(0, |payload| payload.body.len()))
}

async fn sizes(answers: Streaming<Carrier>) -> Result<Vec<usize>, Status> {
    answers.map(|answer| answer.map(|found| found.payload.map_or(0, |payload| payload.body.len()))).collect().await
}

fn told<T, E: Debug>(result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| format!("{error:?}"))
}

fn equal<T: PartialEq + Debug>(found: T, expected: T) -> Checked {
    if found == expected { Ok(()) } else { Err(format!("expected {expected:?}, got {found:?}")) }
}

fn fails<T: Debug>(call: Result<T, Status>, code: Code, message: Option<&str>) -> Checked {
    match call {
        Ok(answer) => Err(format!("the call succeeded with {answer:?}")),
        Err(status) => {
            equal(status.code(), code)?;
            message.map_or(Ok(()), |expected| equal(status.message(), expected))
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let target = args.next().expect("HOST:PORT");
    let channel = Endpoint::from_shared(format!("http://{target}")).expect("HOST:PORT").connect_lazy();
    let mut client = Client(Grpc::new(channel));
    let mut code = ExitCode::SUCCESS;
    for name in args {
        let run = tokio::time::timeout(TIMEOUT, client.run(&name)).await;
        match run.unwrap_or_else(|_| Err("no end within 30 s".into())) {
            Ok(()) => println!("ok {name}"),
            Err(why) => {
                println!("not ok {name}: {why}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
