import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

export type ScriptName = 'acquire' | 'fill' | 'put' | 'invalidate' | 'release'

/** A Lua script, ready for `EVALSHA`. Each is atomic and touches one key. */
export interface Script {
  readonly source: string
  readonly sha: string
}

const record = readScript('record')

export const SCRIPTS: Readonly<Record<ScriptName, Script>> = {
  acquire: script('acquire'),
  fill: script('fill'),
  put: script('put'),
  invalidate: script('invalidate'),
  release: script('release'),
}

function script(name: ScriptName): Script {
  const source = `${record}\n${readScript(name)}`
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}

function readScript(name: string): string {
  return readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8')
}
