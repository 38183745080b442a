import type { Reporter, TestModule } from 'vitest/node'

/** Ends a run with the plain line that continuous integration reads: `N passed, N failed`. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandledErrors: ReadonlyArray<unknown>): void {
    let passed = 0
    let failed = unhandledErrors.length
    for (const module of modules) {
      const own = [...module.children.allTests()]
      for (const test of own) {
        if (test.result().state === 'passed') passed += 1
        else failed += 1
      }
      // A file that fails to load has no tests of its own, and must not read as a pass.
      if (!module.ok() && own.every((test) => test.ok())) failed += 1
    }
    process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
  }
}
