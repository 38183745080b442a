// Original file: proto/ringside/v1/lock.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AcquireRequest as _ringside_v1_AcquireRequest, AcquireRequest__Output as _ringside_v1_AcquireRequest__Output } from '../../ringside/v1/AcquireRequest.ts';
import type { AcquireResponse as _ringside_v1_AcquireResponse, AcquireResponse__Output as _ringside_v1_AcquireResponse__Output } from '../../ringside/v1/AcquireResponse.ts';
import type { ReleaseRequest as _ringside_v1_ReleaseRequest, ReleaseRequest__Output as _ringside_v1_ReleaseRequest__Output } from '../../ringside/v1/ReleaseRequest.ts';
import type { ReleaseResponse as _ringside_v1_ReleaseResponse, ReleaseResponse__Output as _ringside_v1_ReleaseResponse__Output } from '../../ringside/v1/ReleaseResponse.ts';
import type { RenewRequest as _ringside_v1_RenewRequest, RenewRequest__Output as _ringside_v1_RenewRequest__Output } from '../../ringside/v1/RenewRequest.ts';
import type { RenewResponse as _ringside_v1_RenewResponse, RenewResponse__Output as _ringside_v1_RenewResponse__Output } from '../../ringside/v1/RenewResponse.ts';

/**
 * Locks across the fleet, with fencing tokens. Off unless the configuration says `locks: { enabled: true }`:
 * `UNIMPLEMENTED` (`NOT_IMPLEMENTED`).
 * 
 * What a lock does: of all who want it one has it, until it gives it back or its time is over; those who wait get it in
 * the order in which they came; each holder's fencing token is larger than all before.
 * 
 * What it cannot do: keep a holder that stood still (a long garbage collection, a frozen machine, a slow network) from
 * going on as if it still had the lock; nor keep two from having it at once after a failover of its shard, since Redis
 * replicates asynchronously, or after somebody has emptied the shard. For both there is the fencing token: hand it to
 * what the lock protects, and have that refuse a smaller token than it has seen. Without this a lock only spares work.
 */
export interface LockClient extends grpc.Client {
  /**
   * Takes a lock, waiting for it at most `wait_ms`, and no longer than the call's deadline. Not getting it is an answer, not
   * an error. `UNAVAILABLE` when its shard cannot be reached: it may have been granted all the same, and falls by itself.
   */
  Acquire(argument: _ringside_v1_AcquireRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_AcquireResponse__Output>): grpc.ClientUnaryCall;
  Acquire(argument: _ringside_v1_AcquireRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_AcquireResponse__Output>): grpc.ClientUnaryCall;
  Acquire(argument: _ringside_v1_AcquireRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_AcquireResponse__Output>): grpc.ClientUnaryCall;
  Acquire(argument: _ringside_v1_AcquireRequest, callback: grpc.requestCallback<_ringside_v1_AcquireResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Takes a lock, waiting for it at most `wait_ms`, and no longer than the call's deadline. Not getting it is an answer, not
   * an error. `UNAVAILABLE` when its shard cannot be reached: it may have been granted all the same, and falls by itself.
   */
  acquire(argument: _ringside_v1_AcquireRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_AcquireResponse__Output>): grpc.ClientUnaryCall;
  acquire(argument: _ringside_v1_AcquireRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_AcquireResponse__Output>): grpc.ClientUnaryCall;
  acquire(argument: _ringside_v1_AcquireRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_AcquireResponse__Output>): grpc.ClientUnaryCall;
  acquire(argument: _ringside_v1_AcquireRequest, callback: grpc.requestCallback<_ringside_v1_AcquireResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Gives a lock back. Releasing one that is no longer held is no error.
   */
  Release(argument: _ringside_v1_ReleaseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_ReleaseResponse__Output>): grpc.ClientUnaryCall;
  Release(argument: _ringside_v1_ReleaseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_ReleaseResponse__Output>): grpc.ClientUnaryCall;
  Release(argument: _ringside_v1_ReleaseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_ReleaseResponse__Output>): grpc.ClientUnaryCall;
  Release(argument: _ringside_v1_ReleaseRequest, callback: grpc.requestCallback<_ringside_v1_ReleaseResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Gives a lock back. Releasing one that is no longer held is no error.
   */
  release(argument: _ringside_v1_ReleaseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_ReleaseResponse__Output>): grpc.ClientUnaryCall;
  release(argument: _ringside_v1_ReleaseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_ReleaseResponse__Output>): grpc.ClientUnaryCall;
  release(argument: _ringside_v1_ReleaseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_ReleaseResponse__Output>): grpc.ClientUnaryCall;
  release(argument: _ringside_v1_ReleaseRequest, callback: grpc.requestCallback<_ringside_v1_ReleaseResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Makes a held lock stand longer. `FAILED_PRECONDITION` (`LOCK_LOST`) when it is no longer held, also if nobody else has
   * it yet: stop what it protects.
   */
  Renew(argument: _ringside_v1_RenewRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  Renew(argument: _ringside_v1_RenewRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  Renew(argument: _ringside_v1_RenewRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  Renew(argument: _ringside_v1_RenewRequest, callback: grpc.requestCallback<_ringside_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Makes a held lock stand longer. `FAILED_PRECONDITION` (`LOCK_LOST`) when it is no longer held, also if nobody else has
   * it yet: stop what it protects.
   */
  renew(argument: _ringside_v1_RenewRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _ringside_v1_RenewRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _ringside_v1_RenewRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _ringside_v1_RenewRequest, callback: grpc.requestCallback<_ringside_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Locks across the fleet, with fencing tokens. Off unless the configuration says `locks: { enabled: true }`:
 * `UNIMPLEMENTED` (`NOT_IMPLEMENTED`).
 * 
 * What a lock does: of all who want it one has it, until it gives it back or its time is over; those who wait get it in
 * the order in which they came; each holder's fencing token is larger than all before.
 * 
 * What it cannot do: keep a holder that stood still (a long garbage collection, a frozen machine, a slow network) from
 * going on as if it still had the lock; nor keep two from having it at once after a failover of its shard, since Redis
 * replicates asynchronously, or after somebody has emptied the shard. For both there is the fencing token: hand it to
 * what the lock protects, and have that refuse a smaller token than it has seen. Without this a lock only spares work.
 */
export interface LockHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Takes a lock, waiting for it at most `wait_ms`, and no longer than the call's deadline. Not getting it is an answer, not
   * an error. `UNAVAILABLE` when its shard cannot be reached: it may have been granted all the same, and falls by itself.
   */
  Acquire: grpc.handleUnaryCall<_ringside_v1_AcquireRequest__Output, _ringside_v1_AcquireResponse>;
  
  /**
   * Gives a lock back. Releasing one that is no longer held is no error.
   */
  Release: grpc.handleUnaryCall<_ringside_v1_ReleaseRequest__Output, _ringside_v1_ReleaseResponse>;
  
  /**
   * Makes a held lock stand longer. `FAILED_PRECONDITION` (`LOCK_LOST`) when it is no longer held, also if nobody else has
   * it yet: stop what it protects.
   */
  Renew: grpc.handleUnaryCall<_ringside_v1_RenewRequest__Output, _ringside_v1_RenewResponse>;
  
}

export interface LockDefinition extends grpc.ServiceDefinition {
  Acquire: MethodDefinition<_ringside_v1_AcquireRequest, _ringside_v1_AcquireResponse, _ringside_v1_AcquireRequest__Output, _ringside_v1_AcquireResponse__Output>
  Release: MethodDefinition<_ringside_v1_ReleaseRequest, _ringside_v1_ReleaseResponse, _ringside_v1_ReleaseRequest__Output, _ringside_v1_ReleaseResponse__Output>
  Renew: MethodDefinition<_ringside_v1_RenewRequest, _ringside_v1_RenewResponse, _ringside_v1_RenewRequest__Output, _ringside_v1_RenewResponse__Output>
}
