import type { EngineName } from '../../src/rpc/engine.ts'

/** The suite of the edge runs twice, once on each engine (vitest.config.ts). */
export const ENGINE: EngineName = process.env.RINGSIDE_TEST_ENGINE === 'grpc-js' ? 'grpc-js' : 'wire'
