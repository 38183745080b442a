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
       * Locks across the fleet, with fencing tokens. Off unless it is enabled: `UNIMPLEMENTED` (`NOT_IMPLEMENTED`).
       * Not available yet.
       */
      Lock: SubtypeConstructor<typeof grpc.Client, _ringside_v1_LockClient> & { service: _ringside_v1_LockDefinition }
      ReleaseRequest: MessageTypeDefinition<_ringside_v1_ReleaseRequest, _ringside_v1_ReleaseRequest__Output>
      ReleaseResponse: MessageTypeDefinition<_ringside_v1_ReleaseResponse, _ringside_v1_ReleaseResponse__Output>
      RenewRequest: MessageTypeDefinition<_ringside_v1_RenewRequest, _ringside_v1_RenewRequest__Output>
      RenewResponse: MessageTypeDefinition<_ringside_v1_RenewResponse, _ringside_v1_RenewResponse__Output>
    }
  }
}

