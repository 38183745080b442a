import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { AcquireRequest as _ringside_v1_AcquireRequest, AcquireRequest__Output as _ringside_v1_AcquireRequest__Output } from './ringside/v1/AcquireRequest.ts';
import type { AcquireResponse as _ringside_v1_AcquireResponse, AcquireResponse__Output as _ringside_v1_AcquireResponse__Output } from './ringside/v1/AcquireResponse.ts';
import type { LockClient as _ringside_v1_LockClient, LockDefinition as _ringside_v1_LockDefinition } from './ringside/v1/Lock.ts';
import type { ReleaseRequest as _ringside_v1_ReleaseRequest, ReleaseRequest__Output as _ringside_v1_ReleaseRequest__Output } from './ringside/v1/ReleaseRequest.ts';
import type { ReleaseResponse as _ringside_v1_ReleaseResponse, ReleaseResponse__Output as _ringside_v1_ReleaseResponse__Output } from './ringside/v1/ReleaseResponse.ts';
import type { RenewRequest as _ringside_v1_RenewRequest, RenewRequest__Output as _ringside_v1_RenewRequest__Output } from './ringside/v1/RenewRequest.ts';
import type { RenewResponse as _ringside_v1_RenewResponse, RenewResponse__Output as _ringside_v1_RenewResponse__Output } from './ringside/v1/RenewResponse.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  ringside: {
    v1: {
      AcquireRequest: MessageTypeDefinition<_ringside_v1_AcquireRequest, _ringside_v1_AcquireRequest__Output>
      AcquireResponse: MessageTypeDefinition<_ringside_v1_AcquireResponse, _ringside_v1_AcquireResponse__Output>
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
      Lock: SubtypeConstructor<typeof grpc.Client, _ringside_v1_LockClient> & { service: _ringside_v1_LockDefinition }
      ReleaseRequest: MessageTypeDefinition<_ringside_v1_ReleaseRequest, _ringside_v1_ReleaseRequest__Output>
      ReleaseResponse: MessageTypeDefinition<_ringside_v1_ReleaseResponse, _ringside_v1_ReleaseResponse__Output>
      RenewRequest: MessageTypeDefinition<_ringside_v1_RenewRequest, _ringside_v1_RenewRequest__Output>
      RenewResponse: MessageTypeDefinition<_ringside_v1_RenewResponse, _ringside_v1_RenewResponse__Output>
    }
  }
}

