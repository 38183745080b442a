import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { BatchGetError as _ringside_v1_BatchGetError, BatchGetError__Output as _ringside_v1_BatchGetError__Output } from './ringside/v1/BatchGetError.ts';
import type { BatchGetRequest as _ringside_v1_BatchGetRequest, BatchGetRequest__Output as _ringside_v1_BatchGetRequest__Output } from './ringside/v1/BatchGetRequest.ts';
import type { BatchGetResponse as _ringside_v1_BatchGetResponse, BatchGetResponse__Output as _ringside_v1_BatchGetResponse__Output } from './ringside/v1/BatchGetResponse.ts';
import type { BatchGetResult as _ringside_v1_BatchGetResult, BatchGetResult__Output as _ringside_v1_BatchGetResult__Output } from './ringside/v1/BatchGetResult.ts';
import type { CacheClient as _ringside_v1_CacheClient, CacheDefinition as _ringside_v1_CacheDefinition } from './ringside/v1/Cache.ts';
import type { GetRequest as _ringside_v1_GetRequest, GetRequest__Output as _ringside_v1_GetRequest__Output } from './ringside/v1/GetRequest.ts';
import type { GetResponse as _ringside_v1_GetResponse, GetResponse__Output as _ringside_v1_GetResponse__Output } from './ringside/v1/GetResponse.ts';
import type { IncrementRequest as _ringside_v1_IncrementRequest, IncrementRequest__Output as _ringside_v1_IncrementRequest__Output } from './ringside/v1/IncrementRequest.ts';
import type { IncrementResponse as _ringside_v1_IncrementResponse, IncrementResponse__Output as _ringside_v1_IncrementResponse__Output } from './ringside/v1/IncrementResponse.ts';
import type { InvalidateRequest as _ringside_v1_InvalidateRequest, InvalidateRequest__Output as _ringside_v1_InvalidateRequest__Output } from './ringside/v1/InvalidateRequest.ts';
import type { InvalidateResponse as _ringside_v1_InvalidateResponse, InvalidateResponse__Output as _ringside_v1_InvalidateResponse__Output } from './ringside/v1/InvalidateResponse.ts';
import type { InvalidateResult as _ringside_v1_InvalidateResult, InvalidateResult__Output as _ringside_v1_InvalidateResult__Output } from './ringside/v1/InvalidateResult.ts';
import type { InvalidateTarget as _ringside_v1_InvalidateTarget, InvalidateTarget__Output as _ringside_v1_InvalidateTarget__Output } from './ringside/v1/InvalidateTarget.ts';
import type { Lease as _ringside_v1_Lease, Lease__Output as _ringside_v1_Lease__Output } from './ringside/v1/Lease.ts';
import type { SetRequest as _ringside_v1_SetRequest, SetRequest__Output as _ringside_v1_SetRequest__Output } from './ringside/v1/SetRequest.ts';
import type { SetResponse as _ringside_v1_SetResponse, SetResponse__Output as _ringside_v1_SetResponse__Output } from './ringside/v1/SetResponse.ts';
import type { WriteRequest as _ringside_v1_WriteRequest, WriteRequest__Output as _ringside_v1_WriteRequest__Output } from './ringside/v1/WriteRequest.ts';
import type { WriteResponse as _ringside_v1_WriteResponse, WriteResponse__Output as _ringside_v1_WriteResponse__Output } from './ringside/v1/WriteResponse.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  ringside: {
    v1: {
      BatchGetError: MessageTypeDefinition<_ringside_v1_BatchGetError, _ringside_v1_BatchGetError__Output>
      BatchGetRequest: MessageTypeDefinition<_ringside_v1_BatchGetRequest, _ringside_v1_BatchGetRequest__Output>
      BatchGetResponse: MessageTypeDefinition<_ringside_v1_BatchGetResponse, _ringside_v1_BatchGetResponse__Output>
      BatchGetResult: MessageTypeDefinition<_ringside_v1_BatchGetResult, _ringside_v1_BatchGetResult__Output>
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
      Cache: SubtypeConstructor<typeof grpc.Client, _ringside_v1_CacheClient> & { service: _ringside_v1_CacheDefinition }
      GetRequest: MessageTypeDefinition<_ringside_v1_GetRequest, _ringside_v1_GetRequest__Output>
      GetResponse: MessageTypeDefinition<_ringside_v1_GetResponse, _ringside_v1_GetResponse__Output>
      IncrementRequest: MessageTypeDefinition<_ringside_v1_IncrementRequest, _ringside_v1_IncrementRequest__Output>
      IncrementResponse: MessageTypeDefinition<_ringside_v1_IncrementResponse, _ringside_v1_IncrementResponse__Output>
      InvalidateRequest: MessageTypeDefinition<_ringside_v1_InvalidateRequest, _ringside_v1_InvalidateRequest__Output>
      InvalidateResponse: MessageTypeDefinition<_ringside_v1_InvalidateResponse, _ringside_v1_InvalidateResponse__Output>
      InvalidateResult: MessageTypeDefinition<_ringside_v1_InvalidateResult, _ringside_v1_InvalidateResult__Output>
      InvalidateTarget: MessageTypeDefinition<_ringside_v1_InvalidateTarget, _ringside_v1_InvalidateTarget__Output>
      Lease: MessageTypeDefinition<_ringside_v1_Lease, _ringside_v1_Lease__Output>
      Outcome: EnumTypeDefinition
      SetRequest: MessageTypeDefinition<_ringside_v1_SetRequest, _ringside_v1_SetRequest__Output>
      SetResponse: MessageTypeDefinition<_ringside_v1_SetResponse, _ringside_v1_SetResponse__Output>
      Source: EnumTypeDefinition
      WriteRequest: MessageTypeDefinition<_ringside_v1_WriteRequest, _ringside_v1_WriteRequest__Output>
      WriteResponse: MessageTypeDefinition<_ringside_v1_WriteResponse, _ringside_v1_WriteResponse__Output>
    }
  }
}

