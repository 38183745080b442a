/**
 * The interop cases that a plaintext server can be asked for, as
 * https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md describes them. Two are asked less of than
 * there: a service on the API of grpc-js sees neither whether a request was compressed nor chooses that for an answer,
 * so that `client_compressed_unary` has no probe and `server_compressed_unary` asserts the answer, not its flag.
 */
export const CASES = [
  'empty_unary',
  'large_unary',
  'client_compressed_unary',
  'server_compressed_unary',
  'client_streaming',
  'server_streaming',
  'ping_pong',
  'empty_stream',
  'custom_metadata',
  'status_code_and_message',
  'special_status_message',
  'unimplemented_method',
  'unimplemented_service',
  'cancel_after_begin',
  'cancel_after_first_response',
  'timeout_on_sleeping_server',
] as const

export type CaseName = (typeof CASES)[number]
