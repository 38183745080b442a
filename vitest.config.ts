import { defineConfig } from 'vitest/config'

/** Many processes at once, with a load on them: one such world at a time, when everything else is through. */
const WORLDS = ['test/system/**/*.test.ts', 'test/torture/**/*.test.ts', 'test/drills/**/*.test.ts']

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'ringside',
          include: ['test/**/*.test.ts'],
          exclude: WORLDS,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'worlds', include: WORLDS, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
      // The edge once more, on the other engine.
      {
        extends: true,
        test: {
          name: 'grpc-js',
          include: ['test/rpc/*.test.ts'],
          env: { RINGSIDE_TEST_ENGINE: 'grpc-js' },
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
    ],
  },
})
