import type { Parsed } from '../base/parsed.ts'
import { quoted } from '../base/quoted.ts'

export interface EnvVariable {
  readonly name: string
  readonly value: string
}

/** All keys of a Secret or a ConfigMap as variables. */
export type EnvSource =
  | { readonly secretRef: { readonly name: string } }
  | { readonly configMapRef: { readonly name: string } }

/** What the injector itself says to the sidecar, which no annotation may say otherwise. */
const RESERVED = /^RINGSIDE_(CONFIG|AWAIT_CONFIG|LOG_LEVEL|LINGER|LISTEN_[A-Z_]*)$/
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/
const MOST = 100

/** `NAME=value`, one a line; a value may hold everything but a line break. */
export function parseEnv(text: string): Parsed<readonly EnvVariable[]> {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  if (lines.length > MOST) return { ok: false, why: `has more than ${MOST} lines; write fewer, or use env-from` }
  const variables = new Map<string, string>()
  for (const line of lines) {
    const at = line.indexOf('=')
    const name = line.slice(0, Math.max(at, 0)).trim()
    if (at < 0 || !NAME.test(name)) {
      return { ok: false, why: `has the line ${quoted(line)}; write NAME=value, one a line` }
    }
    if (RESERVED.test(name)) return { ok: false, why: `sets ${name}, which the injector sets itself; remove it` }
    if (variables.has(name)) return { ok: false, why: `sets ${name} twice; write it once` }
    variables.set(name, line.slice(at + 1))
  }
  return { ok: true, value: [...variables].map(([name, value]) => ({ name, value })) }
}

/** `secret/NAME` and `configmap/NAME`, separated by commas. */
export function parseEnvFrom(text: string): Parsed<readonly EnvSource[]> {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.length > MOST) return { ok: false, why: `names more than ${MOST} sources; write fewer` }
  const sources: EnvSource[] = []
  for (const part of parts) {
    const match = /^(secret|configmap)\/(.+)$/.exec(part)
    const name = match?.[2] ?? ''
    if (!isObjectName(name)) {
      return { ok: false, why: `has ${quoted(part)}; write secret/NAME or configmap/NAME, separated by commas` }
    }
    sources.push(match?.[1] === 'secret' ? { secretRef: { name } } : { configMapRef: { name } })
  }
  return { ok: true, value: sources }
}

const OBJECT_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const LONGEST_OBJECT_NAME = 253

/** Whether Kubernetes allows it as the name of a ConfigMap or a Secret (a DNS-1123 subdomain). */
export function isObjectName(text: string): boolean {
  return text.length <= LONGEST_OBJECT_NAME && OBJECT_NAME.test(text)
}
