import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { AdminClient as _ringside_v1_AdminClient, AdminDefinition as _ringside_v1_AdminDefinition } from './ringside/v1/Admin.ts';
import type { BumpKeyspaceRequest as _ringside_v1_BumpKeyspaceRequest, BumpKeyspaceRequest__Output as _ringside_v1_BumpKeyspaceRequest__Output } from './ringside/v1/BumpKeyspaceRequest.ts';
import type { BumpKeyspaceResponse as _ringside_v1_BumpKeyspaceResponse, BumpKeyspaceResponse__Output as _ringside_v1_BumpKeyspaceResponse__Output } from './ringside/v1/BumpKeyspaceResponse.ts';
import type { FlushRequest as _ringside_v1_FlushRequest, FlushRequest__Output as _ringside_v1_FlushRequest__Output } from './ringside/v1/FlushRequest.ts';
import type { FlushResponse as _ringside_v1_FlushResponse, FlushResponse__Output as _ringside_v1_FlushResponse__Output } from './ringside/v1/FlushResponse.ts';
import type { HotKey as _ringside_v1_HotKey, HotKey__Output as _ringside_v1_HotKey__Output } from './ringside/v1/HotKey.ts';
import type { HotKeysRequest as _ringside_v1_HotKeysRequest, HotKeysRequest__Output as _ringside_v1_HotKeysRequest__Output } from './ringside/v1/HotKeysRequest.ts';
import type { HotKeysResponse as _ringside_v1_HotKeysResponse, HotKeysResponse__Output as _ringside_v1_HotKeysResponse__Output } from './ringside/v1/HotKeysResponse.ts';
import type { TopologyBreaker as _ringside_v1_TopologyBreaker, TopologyBreaker__Output as _ringside_v1_TopologyBreaker__Output } from './ringside/v1/TopologyBreaker.ts';
import type { TopologyNode as _ringside_v1_TopologyNode, TopologyNode__Output as _ringside_v1_TopologyNode__Output } from './ringside/v1/TopologyNode.ts';
import type { TopologyRequest as _ringside_v1_TopologyRequest, TopologyRequest__Output as _ringside_v1_TopologyRequest__Output } from './ringside/v1/TopologyRequest.ts';
import type { TopologyResponse as _ringside_v1_TopologyResponse, TopologyResponse__Output as _ringside_v1_TopologyResponse__Output } from './ringside/v1/TopologyResponse.ts';
import type { WarmFailure as _ringside_v1_WarmFailure, WarmFailure__Output as _ringside_v1_WarmFailure__Output } from './ringside/v1/WarmFailure.ts';
import type { WarmProgress as _ringside_v1_WarmProgress, WarmProgress__Output as _ringside_v1_WarmProgress__Output } from './ringside/v1/WarmProgress.ts';
import type { WarmRequest as _ringside_v1_WarmRequest, WarmRequest__Output as _ringside_v1_WarmRequest__Output } from './ringside/v1/WarmRequest.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  ringside: {
    v1: {
      /**
       * What operators ask a sidecar for. Calls that change something are served on the Unix socket only, or with a token on
       * TCP: `PERMISSION_DENIED` otherwise.
       */
      Admin: SubtypeConstructor<typeof grpc.Client, _ringside_v1_AdminClient> & { service: _ringside_v1_AdminDefinition }
      BreakerState: EnumTypeDefinition
      BumpKeyspaceRequest: MessageTypeDefinition<_ringside_v1_BumpKeyspaceRequest, _ringside_v1_BumpKeyspaceRequest__Output>
      BumpKeyspaceResponse: MessageTypeDefinition<_ringside_v1_BumpKeyspaceResponse, _ringside_v1_BumpKeyspaceResponse__Output>
      FlushRequest: MessageTypeDefinition<_ringside_v1_FlushRequest, _ringside_v1_FlushRequest__Output>
      FlushResponse: MessageTypeDefinition<_ringside_v1_FlushResponse, _ringside_v1_FlushResponse__Output>
      HotKey: MessageTypeDefinition<_ringside_v1_HotKey, _ringside_v1_HotKey__Output>
      HotKeysRequest: MessageTypeDefinition<_ringside_v1_HotKeysRequest, _ringside_v1_HotKeysRequest__Output>
      HotKeysResponse: MessageTypeDefinition<_ringside_v1_HotKeysResponse, _ringside_v1_HotKeysResponse__Output>
      NodeState: EnumTypeDefinition
      TopologyBreaker: MessageTypeDefinition<_ringside_v1_TopologyBreaker, _ringside_v1_TopologyBreaker__Output>
      TopologyNode: MessageTypeDefinition<_ringside_v1_TopologyNode, _ringside_v1_TopologyNode__Output>
      TopologyRequest: MessageTypeDefinition<_ringside_v1_TopologyRequest, _ringside_v1_TopologyRequest__Output>
      TopologyResponse: MessageTypeDefinition<_ringside_v1_TopologyResponse, _ringside_v1_TopologyResponse__Output>
      WarmFailure: MessageTypeDefinition<_ringside_v1_WarmFailure, _ringside_v1_WarmFailure__Output>
      WarmProgress: MessageTypeDefinition<_ringside_v1_WarmProgress, _ringside_v1_WarmProgress__Output>
      WarmRequest: MessageTypeDefinition<_ringside_v1_WarmRequest, _ringside_v1_WarmRequest__Output>
      WarmSource: EnumTypeDefinition
    }
  }
}

