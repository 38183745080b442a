import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Client, credentials } from '@grpc/grpc-js'
import { loadSync, type MethodDefinition, type ServiceDefinition } from '@grpc/proto-loader'

interface ReflectionResponse {
  readonly list_services_response: { readonly service: readonly { readonly name: string }[] } | null
  readonly file_descriptor_response: { readonly file_descriptor_proto: readonly Buffer[] } | null
}

const packageRoot = dirname(createRequire(import.meta.url).resolve('@grpc/reflection/package.json'))
const protoPath = join(packageRoot, 'build/proto/grpc/reflection/v1/reflection.proto')
const service = loadSync(protoPath, { keepCase: true, defaults: true })[
  'grpc.reflection.v1.ServerReflection'
] as ServiceDefinition
const info = service.ServerReflectionInfo as MethodDefinition<object, ReflectionResponse>

/** What a server tells of itself: its services, and the encoded files that describe `symbol`. */
export async function reflect(target: string, symbol: string) {
  const client = new Client(target, credentials.createInsecure())
  const stream = client.makeBidiStreamRequest(info.path, info.requestSerialize, info.responseDeserialize)
  const responses = await new Promise<ReflectionResponse[]>((resolve, reject) => {
    const seen: ReflectionResponse[] = []
    stream.on('data', (response: ReflectionResponse) => seen.push(response))
    stream.on('error', reject)
    stream.on('end', () => resolve(seen))
    stream.write({ list_services: '' })
    stream.write({ file_containing_symbol: symbol })
    stream.end()
  })
  client.close()
  return {
    services: responses.flatMap((response) => response.list_services_response?.service ?? []).map(({ name }) => name),
    files: responses.flatMap((response) => response.file_descriptor_response?.file_descriptor_proto ?? []),
  }
}
