import { fileURLToPath } from 'node:url'
import { loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

export interface Payload {
  readonly body: Buffer
}

export interface EchoStatus {
  readonly code: number
  readonly message: string
}

export interface SimpleRequest {
  readonly response_size: number
  readonly response_status: EchoStatus | null
}

export interface StreamingInputCallRequest {
  readonly payload: Payload | null
}

export interface ResponseParameters {
  readonly size: number
  readonly interval_us: number
}

export interface StreamingOutputCallRequest {
  readonly response_parameters: readonly ResponseParameters[]
  readonly response_status: EchoStatus | null
}

const definition = loadSync(fileURLToPath(new URL('testing.proto', import.meta.url)), {
  keepCase: true,
  defaults: true,
})

const { grpc } = loadPackageDefinition(definition) as unknown as {
  grpc: { testing: Readonly<Record<'TestService' | 'UnimplementedService', ServiceClientConstructor>> }
}

export const { TestService, UnimplementedService } = grpc.testing
