// Original file: proto/ringside/v1/admin.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { BumpKeyspaceRequest as _ringside_v1_BumpKeyspaceRequest, BumpKeyspaceRequest__Output as _ringside_v1_BumpKeyspaceRequest__Output } from '../../ringside/v1/BumpKeyspaceRequest.ts';
import type { BumpKeyspaceResponse as _ringside_v1_BumpKeyspaceResponse, BumpKeyspaceResponse__Output as _ringside_v1_BumpKeyspaceResponse__Output } from '../../ringside/v1/BumpKeyspaceResponse.ts';
import type { FlushRequest as _ringside_v1_FlushRequest, FlushRequest__Output as _ringside_v1_FlushRequest__Output } from '../../ringside/v1/FlushRequest.ts';
import type { FlushResponse as _ringside_v1_FlushResponse, FlushResponse__Output as _ringside_v1_FlushResponse__Output } from '../../ringside/v1/FlushResponse.ts';
import type { HotKeysRequest as _ringside_v1_HotKeysRequest, HotKeysRequest__Output as _ringside_v1_HotKeysRequest__Output } from '../../ringside/v1/HotKeysRequest.ts';
import type { HotKeysResponse as _ringside_v1_HotKeysResponse, HotKeysResponse__Output as _ringside_v1_HotKeysResponse__Output } from '../../ringside/v1/HotKeysResponse.ts';
import type { TopologyRequest as _ringside_v1_TopologyRequest, TopologyRequest__Output as _ringside_v1_TopologyRequest__Output } from '../../ringside/v1/TopologyRequest.ts';
import type { TopologyResponse as _ringside_v1_TopologyResponse, TopologyResponse__Output as _ringside_v1_TopologyResponse__Output } from '../../ringside/v1/TopologyResponse.ts';
import type { WarmProgress as _ringside_v1_WarmProgress, WarmProgress__Output as _ringside_v1_WarmProgress__Output } from '../../ringside/v1/WarmProgress.ts';
import type { WarmRequest as _ringside_v1_WarmRequest, WarmRequest__Output as _ringside_v1_WarmRequest__Output } from '../../ringside/v1/WarmRequest.ts';

/**
 * What operators ask a sidecar for. Calls that change something are served on the Unix socket only, or with a token on
 * TCP: `PERMISSION_DENIED` otherwise.
 */
export interface AdminClient extends grpc.Client {
  /**
   * Makes everything in a keyspace unreadable at once by moving it to its next version, without deleting anything.
   * Answered when every sidecar reads by it. `UNAVAILABLE` when a shard could not be told: what is cached may be answered
   * until it has been; to repeat the call does no harm. `INVALID_ARGUMENT` for an unknown keyspace.
   */
  BumpKeyspace(argument: _ringside_v1_BumpKeyspaceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_BumpKeyspaceResponse__Output>): grpc.ClientUnaryCall;
  BumpKeyspace(argument: _ringside_v1_BumpKeyspaceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_BumpKeyspaceResponse__Output>): grpc.ClientUnaryCall;
  BumpKeyspace(argument: _ringside_v1_BumpKeyspaceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_BumpKeyspaceResponse__Output>): grpc.ClientUnaryCall;
  BumpKeyspace(argument: _ringside_v1_BumpKeyspaceRequest, callback: grpc.requestCallback<_ringside_v1_BumpKeyspaceResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Makes everything in a keyspace unreadable at once by moving it to its next version, without deleting anything.
   * Answered when every sidecar reads by it. `UNAVAILABLE` when a shard could not be told: what is cached may be answered
   * until it has been; to repeat the call does no harm. `INVALID_ARGUMENT` for an unknown keyspace.
   */
  bumpKeyspace(argument: _ringside_v1_BumpKeyspaceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_BumpKeyspaceResponse__Output>): grpc.ClientUnaryCall;
  bumpKeyspace(argument: _ringside_v1_BumpKeyspaceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_BumpKeyspaceResponse__Output>): grpc.ClientUnaryCall;
  bumpKeyspace(argument: _ringside_v1_BumpKeyspaceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_BumpKeyspaceResponse__Output>): grpc.ClientUnaryCall;
  bumpKeyspace(argument: _ringside_v1_BumpKeyspaceRequest, callback: grpc.requestCallback<_ringside_v1_BumpKeyspaceResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Empties the shared tier of one environment, slice by slice, and the near caches of all its sidecars. Off unless
   * configured (`UNIMPLEMENTED`), and never by accident: `FAILED_PRECONDITION` unless the environment's name is typed out,
   * or where another flush is under way. Goes on for as long as its caller waits: a call that is cancelled, or whose
   * deadline passes, ends it, and what was removed stays removed. `UNAVAILABLE` when a shard gives no answer; to repeat
   * the call does no harm.
   */
  Flush(argument: _ringside_v1_FlushRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_FlushResponse__Output>): grpc.ClientUnaryCall;
  Flush(argument: _ringside_v1_FlushRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_FlushResponse__Output>): grpc.ClientUnaryCall;
  Flush(argument: _ringside_v1_FlushRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_FlushResponse__Output>): grpc.ClientUnaryCall;
  Flush(argument: _ringside_v1_FlushRequest, callback: grpc.requestCallback<_ringside_v1_FlushResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Empties the shared tier of one environment, slice by slice, and the near caches of all its sidecars. Off unless
   * configured (`UNIMPLEMENTED`), and never by accident: `FAILED_PRECONDITION` unless the environment's name is typed out,
   * or where another flush is under way. Goes on for as long as its caller waits: a call that is cancelled, or whose
   * deadline passes, ends it, and what was removed stays removed. `UNAVAILABLE` when a shard gives no answer; to repeat
   * the call does no harm.
   */
  flush(argument: _ringside_v1_FlushRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_FlushResponse__Output>): grpc.ClientUnaryCall;
  flush(argument: _ringside_v1_FlushRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_FlushResponse__Output>): grpc.ClientUnaryCall;
  flush(argument: _ringside_v1_FlushRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_FlushResponse__Output>): grpc.ClientUnaryCall;
  flush(argument: _ringside_v1_FlushRequest, callback: grpc.requestCallback<_ringside_v1_FlushResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The keys that are read most, in the whole fleet and through this sidecar. A shard that gives no answer is left out: of
   * its keys only what this sidecar has counted itself is known. `INVALID_ARGUMENT` for an unknown keyspace.
   */
  HotKeys(argument: _ringside_v1_HotKeysRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_HotKeysResponse__Output>): grpc.ClientUnaryCall;
  HotKeys(argument: _ringside_v1_HotKeysRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_HotKeysResponse__Output>): grpc.ClientUnaryCall;
  HotKeys(argument: _ringside_v1_HotKeysRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_HotKeysResponse__Output>): grpc.ClientUnaryCall;
  HotKeys(argument: _ringside_v1_HotKeysRequest, callback: grpc.requestCallback<_ringside_v1_HotKeysResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The keys that are read most, in the whole fleet and through this sidecar. A shard that gives no answer is left out: of
   * its keys only what this sidecar has counted itself is known. `INVALID_ARGUMENT` for an unknown keyspace.
   */
  hotKeys(argument: _ringside_v1_HotKeysRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_HotKeysResponse__Output>): grpc.ClientUnaryCall;
  hotKeys(argument: _ringside_v1_HotKeysRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_HotKeysResponse__Output>): grpc.ClientUnaryCall;
  hotKeys(argument: _ringside_v1_HotKeysRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_HotKeysResponse__Output>): grpc.ClientUnaryCall;
  hotKeys(argument: _ringside_v1_HotKeysRequest, callback: grpc.requestCallback<_ringside_v1_HotKeysResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The ring and the nodes on it, as this sidecar sees them.
   */
  Topology(argument: _ringside_v1_TopologyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_TopologyResponse__Output>): grpc.ClientUnaryCall;
  Topology(argument: _ringside_v1_TopologyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_TopologyResponse__Output>): grpc.ClientUnaryCall;
  Topology(argument: _ringside_v1_TopologyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_TopologyResponse__Output>): grpc.ClientUnaryCall;
  Topology(argument: _ringside_v1_TopologyRequest, callback: grpc.requestCallback<_ringside_v1_TopologyResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The ring and the nodes on it, as this sidecar sees them.
   */
  topology(argument: _ringside_v1_TopologyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_TopologyResponse__Output>): grpc.ClientUnaryCall;
  topology(argument: _ringside_v1_TopologyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringside_v1_TopologyResponse__Output>): grpc.ClientUnaryCall;
  topology(argument: _ringside_v1_TopologyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringside_v1_TopologyResponse__Output>): grpc.ClientUnaryCall;
  topology(argument: _ringside_v1_TopologyRequest, callback: grpc.requestCallback<_ringside_v1_TopologyResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Loads keys before they are asked for, in places of its origin that no reader wants; streams how far it is, about twice
   * a second, and ends with the last key. To hang up cancels it. `INVALID_ARGUMENT` for an unknown keyspace or one without an
   * origin; `FAILED_PRECONDITION` while the keyspace is warmed by another call, in the whole fleet.
   */
  Warm(argument: _ringside_v1_WarmRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_ringside_v1_WarmProgress__Output>;
  Warm(argument: _ringside_v1_WarmRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_ringside_v1_WarmProgress__Output>;
  /**
   * Loads keys before they are asked for, in places of its origin that no reader wants; streams how far it is, about twice
   * a second, and ends with the last key. To hang up cancels it. `INVALID_ARGUMENT` for an unknown keyspace or one without an
   * origin; `FAILED_PRECONDITION` while the keyspace is warmed by another call, in the whole fleet.
   */
  warm(argument: _ringside_v1_WarmRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_ringside_v1_WarmProgress__Output>;
  warm(argument: _ringside_v1_WarmRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_ringside_v1_WarmProgress__Output>;
  
}

/**
 * What operators ask a sidecar for. Calls that change something are served on the Unix socket only, or with a token on
 * TCP: `PERMISSION_DENIED` otherwise.
 */
export interface AdminHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Makes everything in a keyspace unreadable at once by moving it to its next version, without deleting anything.
   * Answered when every sidecar reads by it. `UNAVAILABLE` when a shard could not be told: what is cached may be answered
   * until it has been; to repeat the call does no harm. `INVALID_ARGUMENT` for an unknown keyspace.
   */
  BumpKeyspace: grpc.handleUnaryCall<_ringside_v1_BumpKeyspaceRequest__Output, _ringside_v1_BumpKeyspaceResponse>;
  
  /**
   * Empties the shared tier of one environment, slice by slice, and the near caches of all its sidecars. Off unless
   * configured (`UNIMPLEMENTED`), and never by accident: `FAILED_PRECONDITION` unless the environment's name is typed out,
   * or where another flush is under way. Goes on for as long as its caller waits: a call that is cancelled, or whose
   * deadline passes, ends it, and what was removed stays removed. `UNAVAILABLE` when a shard gives no answer; to repeat
   * the call does no harm.
   */
  Flush: grpc.handleUnaryCall<_ringside_v1_FlushRequest__Output, _ringside_v1_FlushResponse>;
  
  /**
   * The keys that are read most, in the whole fleet and through this sidecar. A shard that gives no answer is left out: of
   * its keys only what this sidecar has counted itself is known. `INVALID_ARGUMENT` for an unknown keyspace.
   */
  HotKeys: grpc.handleUnaryCall<_ringside_v1_HotKeysRequest__Output, _ringside_v1_HotKeysResponse>;
  
  /**
   * The ring and the nodes on it, as this sidecar sees them.
   */
  Topology: grpc.handleUnaryCall<_ringside_v1_TopologyRequest__Output, _ringside_v1_TopologyResponse>;
  
  /**
   * Loads keys before they are asked for, in places of its origin that no reader wants; streams how far it is, about twice
   * a second, and ends with the last key. To hang up cancels it. `INVALID_ARGUMENT` for an unknown keyspace or one without an
   * origin; `FAILED_PRECONDITION` while the keyspace is warmed by another call, in the whole fleet.
   */
  Warm: grpc.handleServerStreamingCall<_ringside_v1_WarmRequest__Output, _ringside_v1_WarmProgress>;
  
}

export interface AdminDefinition extends grpc.ServiceDefinition {
  BumpKeyspace: MethodDefinition<_ringside_v1_BumpKeyspaceRequest, _ringside_v1_BumpKeyspaceResponse, _ringside_v1_BumpKeyspaceRequest__Output, _ringside_v1_BumpKeyspaceResponse__Output>
  Flush: MethodDefinition<_ringside_v1_FlushRequest, _ringside_v1_FlushResponse, _ringside_v1_FlushRequest__Output, _ringside_v1_FlushResponse__Output>
  HotKeys: MethodDefinition<_ringside_v1_HotKeysRequest, _ringside_v1_HotKeysResponse, _ringside_v1_HotKeysRequest__Output, _ringside_v1_HotKeysResponse__Output>
  Topology: MethodDefinition<_ringside_v1_TopologyRequest, _ringside_v1_TopologyResponse, _ringside_v1_TopologyRequest__Output, _ringside_v1_TopologyResponse__Output>
  Warm: MethodDefinition<_ringside_v1_WarmRequest, _ringside_v1_WarmProgress, _ringside_v1_WarmRequest__Output, _ringside_v1_WarmProgress__Output>
}
