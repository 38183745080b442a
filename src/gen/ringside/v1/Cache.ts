// Original file: proto/ringside/v1/cache.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { BatchGetRequest as _ringside_v1_BatchGetRequest, BatchGetRequest__Output as _ringside_v1_BatchGetRequest__Output } from '../../ringside/v1/BatchGetRequest.ts';
import type { BatchGetResponse as _ringside_v1_BatchGetResponse, BatchGetResponse__Output as _ringside_v1_BatchGetResponse__Output } from '../../ringside/v1/BatchGetResponse.ts';
import type { GetRequest as _ringside_v1_GetRequest, GetRequest__Output as _ringside_v1_GetRequest__Output } from '../../ringside/v1/GetRequest.ts';
import type { GetResponse as _ringside_v1_GetResponse, GetResponse__Output as _ringside_v1_GetResponse__Output } from '../../ringside/v1/GetResponse.ts';
import type { IncrementRequest as _ringside_v1_IncrementRequest, IncrementRequest__Output as _ringside_v1_IncrementRequest__Output } from '../../ringside/v1/IncrementRequest.ts';
import type { IncrementResponse as _ringside_v1_IncrementResponse, IncrementResponse__Output as _ringside_v1_IncrementResponse__Output } from '../../ringside/v1/IncrementResponse.ts';
import type { InvalidateRequest as _ringside_v1_InvalidateRequest, InvalidateRequest__Output as _ringside_v1_InvalidateRequest__Output } from '../../ringside/v1/InvalidateRequest.ts';
import type { InvalidateResponse as _ringside_v1_InvalidateResponse, InvalidateResponse__Output as _ringside_v1_InvalidateResponse__Output } from '../../ringside/v1/InvalidateResponse.ts';
import type { SetRequest as _ringside_v1_SetRequest, SetRequest__Output as _ringside_v1_SetRequest__Output } from '../../ringside/v1/SetRequest.ts';
import type { SetResponse as _ringside_v1_SetResponse, SetResponse__Output as _ringside_v1_SetResponse__Output } from '../../ringside/v1/SetResponse.ts';
import type { WriteRequest as _ringside_v1_WriteRequest, WriteRequest__Output as _ringside_v1_WriteRequest__Output } from '../../ringside/v1/WriteRequest.ts';
import type { WriteResponse as _ringside_v1_WriteResponse, WriteResponse__Output as _ringside_v1_WriteResponse__Output } from '../../ringside/v1/WriteResponse.ts';

/**
 * What an application asks its sidecar for.
 * 
 * Every failure is a gRPC status with `google.rpc.Status` in `grpc-status-details-bin`: an `ErrorInfo` with a stable
 * `reason` in the domain `ringside`, a `RetryInfo` where a retry makes sense, a `BadRequest` where one field is at fault.
 * A missing value is never an error but an outcome.
 * 
 * Common to all calls: `INVALID_ARGUMENT` for an unknown keyspace, a bad key, tenant or size; `UNAVAILABLE` when nothing
 * could answer; `RESOURCE_EXHAUSTED` when the sidecar or the origin is at its limit; `DEADLINE_EXCEEDED`;
 * `UNIMPLEMENTED` for a field whose feature this version does not have.
 */
export interface CacheClient extends grpc.Client {
  /**
   * Reads many keys at the cost of few round trips. One failing key never fails the rest.
   * `INVALID_ARGUMENT` (`BATCH_SIZE`) for no request or more than the configured limit.
   */
  BatchGet(argument: _ringside_v1_BatchGetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_BatchGetResponse__Output>): grpc.ClientUnaryCall;
  BatchGet(argument: _ringside_v1_BatchGetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_BatchGetResponse__Output>): grpc.ClientUnaryCall;
  BatchGet(argument: _ringside_v1_BatchGetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_BatchGetResponse__Output>): grpc.ClientUnaryCall;
  BatchGet(argument: _ringside_v1_BatchGetRequest, callback: grpc.requestCallback<_ringside_v1_BatchGetResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Reads many keys at the cost of few round trips. One failing key never fails the rest.
   * `INVALID_ARGUMENT` (`BATCH_SIZE`) for no request or more than the configured limit.
   */
  batchGet(argument: _ringside_v1_BatchGetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_BatchGetResponse__Output>): grpc.ClientUnaryCall;
  batchGet(argument: _ringside_v1_BatchGetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_BatchGetResponse__Output>): grpc.ClientUnaryCall;
  batchGet(argument: _ringside_v1_BatchGetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_BatchGetResponse__Output>): grpc.ClientUnaryCall;
  batchGet(argument: _ringside_v1_BatchGetRequest, callback: grpc.requestCallback<_ringside_v1_BatchGetResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Reads one key, from the cheapest place whose answer is fresh enough.
   */
  Get(argument: _ringside_v1_GetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_GetResponse__Output>): grpc.ClientUnaryCall;
  Get(argument: _ringside_v1_GetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_GetResponse__Output>): grpc.ClientUnaryCall;
  Get(argument: _ringside_v1_GetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_GetResponse__Output>): grpc.ClientUnaryCall;
  Get(argument: _ringside_v1_GetRequest, callback: grpc.requestCallback<_ringside_v1_GetResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Reads one key, from the cheapest place whose answer is fresh enough.
   */
  get(argument: _ringside_v1_GetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_GetResponse__Output>): grpc.ClientUnaryCall;
  get(argument: _ringside_v1_GetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_GetResponse__Output>): grpc.ClientUnaryCall;
  get(argument: _ringside_v1_GetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_GetResponse__Output>): grpc.ClientUnaryCall;
  get(argument: _ringside_v1_GetRequest, callback: grpc.requestCallback<_ringside_v1_GetResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Adds to a counter, in a keyspace of kind `counter`; `Get` reads it, as decimal text.
   * `INVALID_ARGUMENT` (`KEYSPACE_KIND`) for another keyspace. `FAILED_PRECONDITION` when the sum would not fit into 64 bits
   * (`COUNTER_OVERFLOW`), which changes nothing, or when what is there is no whole number (`NOT_A_COUNTER`). After
   * `UNAVAILABLE` or `DEADLINE_EXCEEDED` it may have counted: repeat it with the same `request_id`.
   */
  Increment(argument: _ringside_v1_IncrementRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_IncrementResponse__Output>): grpc.ClientUnaryCall;
  Increment(argument: _ringside_v1_IncrementRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_IncrementResponse__Output>): grpc.ClientUnaryCall;
  Increment(argument: _ringside_v1_IncrementRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_IncrementResponse__Output>): grpc.ClientUnaryCall;
  Increment(argument: _ringside_v1_IncrementRequest, callback: grpc.requestCallback<_ringside_v1_IncrementResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Adds to a counter, in a keyspace of kind `counter`; `Get` reads it, as decimal text.
   * `INVALID_ARGUMENT` (`KEYSPACE_KIND`) for another keyspace. `FAILED_PRECONDITION` when the sum would not fit into 64 bits
   * (`COUNTER_OVERFLOW`), which changes nothing, or when what is there is no whole number (`NOT_A_COUNTER`). After
   * `UNAVAILABLE` or `DEADLINE_EXCEEDED` it may have counted: repeat it with the same `request_id`.
   */
  increment(argument: _ringside_v1_IncrementRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_IncrementResponse__Output>): grpc.ClientUnaryCall;
  increment(argument: _ringside_v1_IncrementRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_IncrementResponse__Output>): grpc.ClientUnaryCall;
  increment(argument: _ringside_v1_IncrementRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_IncrementResponse__Output>): grpc.ClientUnaryCall;
  increment(argument: _ringside_v1_IncrementRequest, callback: grpc.requestCallback<_ringside_v1_IncrementResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Makes sure that no later read answers what is cached now. All targets are tried; the call fails if any could not be
   * invalidated, and may be repeated as it is.
   * `INVALID_ARGUMENT` (`BATCH_SIZE`) for no target or more than the configured limit.
   */
  Invalidate(argument: _ringside_v1_InvalidateRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_InvalidateResponse__Output>): grpc.ClientUnaryCall;
  Invalidate(argument: _ringside_v1_InvalidateRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_InvalidateResponse__Output>): grpc.ClientUnaryCall;
  Invalidate(argument: _ringside_v1_InvalidateRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_InvalidateResponse__Output>): grpc.ClientUnaryCall;
  Invalidate(argument: _ringside_v1_InvalidateRequest, callback: grpc.requestCallback<_ringside_v1_InvalidateResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Makes sure that no later read answers what is cached now. All targets are tried; the call fails if any could not be
   * invalidated, and may be repeated as it is.
   * `INVALID_ARGUMENT` (`BATCH_SIZE`) for no target or more than the configured limit.
   */
  invalidate(argument: _ringside_v1_InvalidateRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_InvalidateResponse__Output>): grpc.ClientUnaryCall;
  invalidate(argument: _ringside_v1_InvalidateRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_InvalidateResponse__Output>): grpc.ClientUnaryCall;
  invalidate(argument: _ringside_v1_InvalidateRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_InvalidateResponse__Output>): grpc.ClientUnaryCall;
  invalidate(argument: _ringside_v1_InvalidateRequest, callback: grpc.requestCallback<_ringside_v1_InvalidateResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Stores a value that the application loaded itself (cache-aside).
   * `FAILED_PRECONDITION` when the lease is lost (`LEASE_LOST`) or `if_version` is not the live one (`VERSION_MISMATCH`).
   */
  Set(argument: _ringside_v1_SetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_SetResponse__Output>): grpc.ClientUnaryCall;
  Set(argument: _ringside_v1_SetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_SetResponse__Output>): grpc.ClientUnaryCall;
  Set(argument: _ringside_v1_SetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_SetResponse__Output>): grpc.ClientUnaryCall;
  Set(argument: _ringside_v1_SetRequest, callback: grpc.requestCallback<_ringside_v1_SetResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Stores a value that the application loaded itself (cache-aside).
   * `FAILED_PRECONDITION` when the lease is lost (`LEASE_LOST`) or `if_version` is not the live one (`VERSION_MISMATCH`).
   */
  set(argument: _ringside_v1_SetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_SetResponse__Output>): grpc.ClientUnaryCall;
  set(argument: _ringside_v1_SetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_SetResponse__Output>): grpc.ClientUnaryCall;
  set(argument: _ringside_v1_SetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_SetResponse__Output>): grpc.ClientUnaryCall;
  set(argument: _ringside_v1_SetRequest, callback: grpc.requestCallback<_ringside_v1_SetResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Sends a change to the origin under the keyspace's write strategy, and keeps the cache in step. It goes on to its end
   * when the caller gives up.
   * 
   * `FAILED_PRECONDITION` (`WRITE_REFUSED`) when the keyspace is not written through the sidecar, or its origin takes the
   * change for wrong. Every failure that comes from the origin or the shard says in the metadata of its `ErrorInfo`, under
   * `outcome`, what is known of the origin: `unchanged`, `unknown` (it may have the change now, or get it within its
   * timeout), or `stored` (it has the change, but the shard did not confirm that the old value is gone: it is within twice
   * the origin's timeout and a second).
   */
  Write(argument: _ringside_v1_WriteRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_WriteResponse__Output>): grpc.ClientUnaryCall;
  Write(argument: _ringside_v1_WriteRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_WriteResponse__Output>): grpc.ClientUnaryCall;
  Write(argument: _ringside_v1_WriteRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_WriteResponse__Output>): grpc.ClientUnaryCall;
  Write(argument: _ringside_v1_WriteRequest, callback: grpc.requestCallback<_ringside_v1_WriteResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Sends a change to the origin under the keyspace's write strategy, and keeps the cache in step. It goes on to its end
   * when the caller gives up.
   * 
   * `FAILED_PRECONDITION` (`WRITE_REFUSED`) when the keyspace is not written through the sidecar, or its origin takes the
   * change for wrong. Every failure that comes from the origin or the shard says in the metadata of its `ErrorInfo`, under
   * `outcome`, what is known of the origin: `unchanged`, `unknown` (it may have the change now, or get it within its
   * timeout), or `stored` (it has the change, but the shard did not confirm that the old value is gone: it is within twice
   * the origin's timeout and a second).
   */
  write(argument: _ringside_v1_WriteRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_WriteResponse__Output>): grpc.ClientUnaryCall;
  write(argument: _ringside_v1_WriteRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_WriteResponse__Output>): grpc.ClientUnaryCall;
  write(argument: _ringside_v1_WriteRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_WriteResponse__Output>): grpc.ClientUnaryCall;
  write(argument: _ringside_v1_WriteRequest, callback: grpc.requestCallback<_ringside_v1_WriteResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * What an application asks its sidecar for.
 * 
 * Every failure is a gRPC status with `google.rpc.Status` in `grpc-status-details-bin`: an `ErrorInfo` with a stable
 * `reason` in the domain `ringside`, a `RetryInfo` where a retry makes sense, a `BadRequest` where one field is at fault.
 * A missing value is never an error but an outcome.
 * 
 * Common to all calls: `INVALID_ARGUMENT` for an unknown keyspace, a bad key, tenant or size; `UNAVAILABLE` when nothing
 * could answer; `RESOURCE_EXHAUSTED` when the sidecar or the origin is at its limit; `DEADLINE_EXCEEDED`;
 * `UNIMPLEMENTED` for a field whose feature this version does not have.
 */
export interface CacheHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Reads many keys at the cost of few round trips. One failing key never fails the rest.
   * `INVALID_ARGUMENT` (`BATCH_SIZE`) for no request or more than the configured limit.
   */
  BatchGet: grpc.handleUnaryCall<_ringside_v1_BatchGetRequest__Output, _ringside_v1_BatchGetResponse>;
  
  /**
   * Reads one key, from the cheapest place whose answer is fresh enough.
   */
  Get: grpc.handleUnaryCall<_ringside_v1_GetRequest__Output, _ringside_v1_GetResponse>;
  
  /**
   * Adds to a counter, in a keyspace of kind `counter`; `Get` reads it, as decimal text.
   * `INVALID_ARGUMENT` (`KEYSPACE_KIND`) for another keyspace. `FAILED_PRECONDITION` when the sum would not fit into 64 bits
   * (`COUNTER_OVERFLOW`), which changes nothing, or when what is there is no whole number (`NOT_A_COUNTER`). After
   * `UNAVAILABLE` or `DEADLINE_EXCEEDED` it may have counted: repeat it with the same `request_id`.
   */
  Increment: grpc.handleUnaryCall<_ringside_v1_IncrementRequest__Output, _ringside_v1_IncrementResponse>;
  
  /**
   * Makes sure that no later read answers what is cached now. All targets are tried; the call fails if any could not be
   * invalidated, and may be repeated as it is.
   * `INVALID_ARGUMENT` (`BATCH_SIZE`) for no target or more than the configured limit.
   */
  Invalidate: grpc.handleUnaryCall<_ringside_v1_InvalidateRequest__Output, _ringside_v1_InvalidateResponse>;
  
  /**
   * Stores a value that the application loaded itself (cache-aside).
   * `FAILED_PRECONDITION` when the lease is lost (`LEASE_LOST`) or `if_version` is not the live one (`VERSION_MISMATCH`).
   */
  Set: grpc.handleUnaryCall<_ringside_v1_SetRequest__Output, _ringside_v1_SetResponse>;
  
  /**
   * Sends a change to the origin under the keyspace's write strategy, and keeps the cache in step. It goes on to its end
   * when the caller gives up.
   * 
   * `FAILED_PRECONDITION` (`WRITE_REFUSED`) when the keyspace is not written through the sidecar, or its origin takes the
   * change for wrong. Every failure that comes from the origin or the shard says in the metadata of its `ErrorInfo`, under
   * `outcome`, what is known of the origin: `unchanged`, `unknown` (it may have the change now, or get it within its
   * timeout), or `stored` (it has the change, but the shard did not confirm that the old value is gone: it is within twice
   * the origin's timeout and a second).
   */
  Write: grpc.handleUnaryCall<_ringside_v1_WriteRequest__Output, _ringside_v1_WriteResponse>;
  
}

export interface CacheDefinition extends grpc.ServiceDefinition {
  BatchGet: MethodDefinition<_ringside_v1_BatchGetRequest, _ringside_v1_BatchGetResponse, _ringside_v1_BatchGetRequest__Output, _ringside_v1_BatchGetResponse__Output>
  Get: MethodDefinition<_ringside_v1_GetRequest, _ringside_v1_GetResponse, _ringside_v1_GetRequest__Output, _ringside_v1_GetResponse__Output>
  Increment: MethodDefinition<_ringside_v1_IncrementRequest, _ringside_v1_IncrementResponse, _ringside_v1_IncrementRequest__Output, _ringside_v1_IncrementResponse__Output>
  Invalidate: MethodDefinition<_ringside_v1_InvalidateRequest, _ringside_v1_InvalidateResponse, _ringside_v1_InvalidateRequest__Output, _ringside_v1_InvalidateResponse__Output>
  Set: MethodDefinition<_ringside_v1_SetRequest, _ringside_v1_SetResponse, _ringside_v1_SetRequest__Output, _ringside_v1_SetResponse__Output>
  Write: MethodDefinition<_ringside_v1_WriteRequest, _ringside_v1_WriteResponse, _ringside_v1_WriteRequest__Output, _ringside_v1_WriteResponse__Output>
}
