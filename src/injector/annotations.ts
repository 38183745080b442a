import type { Parsed } from '../base/parsed.ts'
import { isObjectName, parseEnv, parseEnvFrom } from './extra-env.ts'
import { parseCores, parseMemory } from './quantity.ts'

/** What an annotation of a pod says about its sidecar. */
interface Annotation<Value> {
  /** What is in force without it, as it would be written; `undefined` = nothing, or what the injector was started with. */
  readonly usual: string | undefined
  readonly parse: (text: string) => Parsed<Value>
}

/** The annotations that a pod may have, by what follows `ringside.dev/`. */
export const ANNOTATIONS = {
  config: { usual: 'ringside-config', parse: parseObjectName },
  image: { usual: undefined, parse: parseImage },
  mode: { usual: undefined, parse: oneOf(['auto', 'native', 'classic']) },
  startup: { usual: 'required', parse: oneOf(['required', 'optional']) },
  transport: { usual: 'tcp', parse: oneOf(['tcp', 'uds', 'both']) },
  'grpc-port': { usual: '7400', parse: parsePort },
  'admin-port': { usual: '7401', parse: parsePort },
  'health-port': { usual: '7402', parse: parsePort },
  'cpu-request': { usual: '50m', parse: parseCores },
  'cpu-limit': { usual: undefined, parse: parseCores },
  'memory-request': { usual: '128Mi', parse: parseMemory },
  'memory-limit': { usual: '256Mi', parse: parseMemory },
  'log-level': { usual: undefined, parse: oneOf(['debug', 'info', 'warn', 'error']) },
  env: { usual: undefined, parse: parseEnv },
  'env-from': { usual: undefined, parse: parseEnvFrom },
} as const satisfies Record<string, Annotation<unknown>>

export type AnnotationName = keyof typeof ANNOTATIONS

type ValueOf<Name extends AnnotationName> = Extract<
  ReturnType<(typeof ANNOTATIONS)[Name]['parse']>,
  { readonly ok: true }
>['value']

/** What annotations say once they have been read: `undefined` only where there is neither one nor something usual. */
export type AnnotationValues = {
  readonly [Name in AnnotationName]:
    | ValueOf<Name>
    | ((typeof ANNOTATIONS)[Name]['usual'] extends string ? never : undefined)
}

function oneOf<const Value extends string>(values: readonly Value[]) {
  return (text: string): Parsed<Value> => {
    const value = values.find((allowed) => allowed === text)
    if (value !== undefined) return { ok: true, value }
    return { ok: false, why: `is not known; write ${values.slice(0, -1).join(', ')} or ${values.at(-1)}` }
  }
}

function parseObjectName(text: string): Parsed<string> {
  if (isObjectName(text)) return { ok: true, value: text }
  return { ok: false, why: 'cannot be the name of a ConfigMap; write one of letters in lower case, digits, - and .' }
}

/** `registry:5000/path/name:tag@sha256:…`, and nothing that could be mistaken for something else. */
const IMAGE = /^[a-zA-Z0-9][a-zA-Z0-9._:/@-]{0,511}$/

function parseImage(text: string): Parsed<string> {
  if (IMAGE.test(text)) return { ok: true, value: text }
  return { ok: false, why: 'cannot be the name of an image; write one such as registry.example.org/ringside:1.0.0' }
}

function parsePort(text: string): Parsed<number> {
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : Number.NaN
  // Those below need a right that the sidecar does not have.
  if (port >= 1_024 && port <= 65_535) return { ok: true, value: port }
  return { ok: false, why: 'is no port for a sidecar; write one from 1024 to 65535' }
}
