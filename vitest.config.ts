import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    projects: [
      { extends: true, test: { name: 'ringside', include: ['test/**/*.test.ts'] } },
      // The edge once more, on the other engine.
      {
        extends: true,
        test: { name: 'grpc-js', include: ['test/rpc/*.test.ts'], env: { RINGSIDE_TEST_ENGINE: 'grpc-js' } },
      },
    ],
  },
})
