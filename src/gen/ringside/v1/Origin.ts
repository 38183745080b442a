// Original file: proto/ringside/v1/origin.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { LoadRequest as _ringside_v1_LoadRequest, LoadRequest__Output as _ringside_v1_LoadRequest__Output } from '../../ringside/v1/LoadRequest.ts';
import type { LoadResponse as _ringside_v1_LoadResponse, LoadResponse__Output as _ringside_v1_LoadResponse__Output } from '../../ringside/v1/LoadResponse.ts';
import type { StoreRequest as _ringside_v1_StoreRequest, StoreRequest__Output as _ringside_v1_StoreRequest__Output } from '../../ringside/v1/StoreRequest.ts';
import type { StoreResponse as _ringside_v1_StoreResponse, StoreResponse__Output as _ringside_v1_StoreResponse__Output } from '../../ringside/v1/StoreResponse.ts';

/**
 * The source of truth behind a keyspace. Implemented by the application and called by the sidecar; the sidecar itself
 * does not serve it.
 * 
 * Answer with any status but `OK` to say that the origin failed: an error is never taken for "not found". The sidecar
 * sends a deadline with every call, and repeats none by itself.
 */
export interface OriginClient extends grpc.Client {
  /**
   * Loads the values of some keys of one keyspace.
   */
  Load(argument: _ringside_v1_LoadRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_LoadResponse__Output>): grpc.ClientUnaryCall;
  Load(argument: _ringside_v1_LoadRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_LoadResponse__Output>): grpc.ClientUnaryCall;
  Load(argument: _ringside_v1_LoadRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_LoadResponse__Output>): grpc.ClientUnaryCall;
  Load(argument: _ringside_v1_LoadRequest, callback: grpc.requestCallback<_ringside_v1_LoadResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Loads the values of some keys of one keyspace.
   */
  load(argument: _ringside_v1_LoadRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_LoadResponse__Output>): grpc.ClientUnaryCall;
  load(argument: _ringside_v1_LoadRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_LoadResponse__Output>): grpc.ClientUnaryCall;
  load(argument: _ringside_v1_LoadRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_LoadResponse__Output>): grpc.ClientUnaryCall;
  load(argument: _ringside_v1_LoadRequest, callback: grpc.requestCallback<_ringside_v1_LoadResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Stores or deletes the values of some keys of one keyspace. Only needed by keyspaces that write. Storing the same
   * change twice is to have the effect of storing it once.
   * 
   * Answer with `INVALID_ARGUMENT`, `FAILED_PRECONDITION`, `ALREADY_EXISTS` or `OUT_OF_RANGE` where a change is wrong, with
   * `ABORTED` where trying again may help, with `UNIMPLEMENTED`, `PERMISSION_DENIED` or `UNAUTHENTICATED` where there will
   * be none: all of these say that nothing was changed. Any other status leaves open whether anything was. Nothing may be
   * changed later than the call's deadline.
   */
  Store(argument: _ringside_v1_StoreRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_StoreResponse__Output>): grpc.ClientUnaryCall;
  Store(argument: _ringside_v1_StoreRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_StoreResponse__Output>): grpc.ClientUnaryCall;
  Store(argument: _ringside_v1_StoreRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_StoreResponse__Output>): grpc.ClientUnaryCall;
  Store(argument: _ringside_v1_StoreRequest, callback: grpc.requestCallback<_ringside_v1_StoreResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Stores or deletes the values of some keys of one keyspace. Only needed by keyspaces that write. Storing the same
   * change twice is to have the effect of storing it once.
   * 
   * Answer with `INVALID_ARGUMENT`, `FAILED_PRECONDITION`, `ALREADY_EXISTS` or `OUT_OF_RANGE` where a change is wrong, with
   * `ABORTED` where trying again may help, with `UNIMPLEMENTED`, `PERMISSION_DENIED` or `UNAUTHENTICATED` where there will
   * be none: all of these say that nothing was changed. Any other status leaves open whether anything was. Nothing may be
   * changed later than the call's deadline.
   */
  store(argument: _ringside_v1_StoreRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_StoreResponse__Output>): grpc.ClientUnaryCall;
  store(argument: _ringside_v1_StoreRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_StoreResponse__Output>): grpc.ClientUnaryCall;
  store(argument: _ringside_v1_StoreRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_StoreResponse__Output>): grpc.ClientUnaryCall;
  store(argument: _ringside_v1_StoreRequest, callback: grpc.requestCallback<_ringside_v1_StoreResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * The source of truth behind a keyspace. Implemented by the application and called by the sidecar; the sidecar itself
 * does not serve it.
 * 
 * Answer with any status but `OK` to say that the origin failed: an error is never taken for "not found". The sidecar
 * sends a deadline with every call, and repeats none by itself.
 */
export interface OriginHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Loads the values of some keys of one keyspace.
   */
  Load: grpc.handleUnaryCall<_ringside_v1_LoadRequest__Output, _ringside_v1_LoadResponse>;
  
  /**
   * Stores or deletes the values of some keys of one keyspace. Only needed by keyspaces that write. Storing the same
   * change twice is to have the effect of storing it once.
   * 
   * Answer with `INVALID_ARGUMENT`, `FAILED_PRECONDITION`, `ALREADY_EXISTS` or `OUT_OF_RANGE` where a change is wrong, with
   * `ABORTED` where trying again may help, with `UNIMPLEMENTED`, `PERMISSION_DENIED` or `UNAUTHENTICATED` where there will
   * be none: all of these say that nothing was changed. Any other status leaves open whether anything was. Nothing may be
   * changed later than the call's deadline.
   */
  Store: grpc.handleUnaryCall<_ringside_v1_StoreRequest__Output, _ringside_v1_StoreResponse>;
  
}

export interface OriginDefinition extends grpc.ServiceDefinition {
  Load: MethodDefinition<_ringside_v1_LoadRequest, _ringside_v1_LoadResponse, _ringside_v1_LoadRequest__Output, _ringside_v1_LoadResponse__Output>
  Store: MethodDefinition<_ringside_v1_StoreRequest, _ringside_v1_StoreResponse, _ringside_v1_StoreRequest__Output, _ringside_v1_StoreResponse__Output>
}
