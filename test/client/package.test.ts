import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('is what the package exports as ringside/client, with its types', async () => {
  const program = "import * as all from 'ringside/client'; console.log(Object.keys(all).sort().join())"
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  expect(stdout.trim()).toBe('RingsideCallError,RingsideClient')
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect(existsSync(exports['./client'].types)).toBe(true)
})
