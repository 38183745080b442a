import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENGINE_NAMES, ENGINES, listen, type RpcServer } from '../support/engines.ts'
import { CASES } from './cases.ts'
import { GrpcJsCases } from './grpc-js-cases.ts'
import { PYTHON, runPeer } from './peer.ts'
import { addTestService } from './test-service.ts'

describe.each(ENGINE_NAMES)('a server on %s', (engine) => {
  let server: RpcServer
  let target: string

  beforeAll(async () => {
    server = ENGINES[engine]()
    addTestService(server)
    target = await listen(server)
  })

  afterAll(() => server.forceShutdown())

  describe('passes, with the client of grpc-js,', () => {
    let client: GrpcJsCases

    beforeAll(() => {
      client = new GrpcJsCases(target)
    })

    afterAll(() => client.close())

    it.each(CASES)('%s', (name) => client.run(name))
  })

  it('passes every case with the C-core client of Python', async () => {
    expect(await runPeer(PYTHON, target, CASES)).toEqual(CASES.map((name) => `ok ${name}`))
  })
})
