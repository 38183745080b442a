import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { LoadRequest as _ringside_v1_LoadRequest, LoadRequest__Output as _ringside_v1_LoadRequest__Output } from './ringside/v1/LoadRequest.ts';
import type { LoadResponse as _ringside_v1_LoadResponse, LoadResponse__Output as _ringside_v1_LoadResponse__Output } from './ringside/v1/LoadResponse.ts';
import type { LoadedValue as _ringside_v1_LoadedValue, LoadedValue__Output as _ringside_v1_LoadedValue__Output } from './ringside/v1/LoadedValue.ts';
import type { OriginClient as _ringside_v1_OriginClient, OriginDefinition as _ringside_v1_OriginDefinition } from './ringside/v1/Origin.ts';
import type { StoreRequest as _ringside_v1_StoreRequest, StoreRequest__Output as _ringside_v1_StoreRequest__Output } from './ringside/v1/StoreRequest.ts';
import type { StoreResponse as _ringside_v1_StoreResponse, StoreResponse__Output as _ringside_v1_StoreResponse__Output } from './ringside/v1/StoreResponse.ts';
import type { StoredChange as _ringside_v1_StoredChange, StoredChange__Output as _ringside_v1_StoredChange__Output } from './ringside/v1/StoredChange.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  ringside: {
    v1: {
      LoadRequest: MessageTypeDefinition<_ringside_v1_LoadRequest, _ringside_v1_LoadRequest__Output>
      LoadResponse: MessageTypeDefinition<_ringside_v1_LoadResponse, _ringside_v1_LoadResponse__Output>
      LoadedValue: MessageTypeDefinition<_ringside_v1_LoadedValue, _ringside_v1_LoadedValue__Output>
      /**
       * The source of truth behind a keyspace. Implemented by the application and called by the sidecar; the sidecar itself
       * does not serve it.
       * 
       * Answer with any status but `OK` to say that the origin failed: an error is never taken for "not found". The sidecar
       * sends a deadline with every call, and repeats none by itself.
       */
      Origin: SubtypeConstructor<typeof grpc.Client, _ringside_v1_OriginClient> & { service: _ringside_v1_OriginDefinition }
      StoreRequest: MessageTypeDefinition<_ringside_v1_StoreRequest, _ringside_v1_StoreRequest__Output>
      StoreResponse: MessageTypeDefinition<_ringside_v1_StoreResponse, _ringside_v1_StoreResponse__Output>
      StoredChange: MessageTypeDefinition<_ringside_v1_StoredChange, _ringside_v1_StoredChange__Output>
    }
  }
}

