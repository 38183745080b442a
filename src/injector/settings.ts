import { nearest } from '../base/nearest.ts'
import type { Parsed } from '../base/parsed.ts'
import { quoted } from '../base/quoted.ts'
import { ANNOTATIONS, type AnnotationName, type AnnotationValues } from './annotations.ts'
import { INJECT, PREFIX, STATUS } from './names.ts'
import { annotationsOf, containersOf, type Pod } from './pod.ts'

/** What could be made of the annotations of a pod. */
export type ReadSettings =
  | { readonly ok: true; readonly values: AnnotationValues }
  /** All that is wrong at once; each names the annotation, the flaw and the mend. */
  | { readonly ok: false; readonly problems: readonly string[] }

/** Reads what a pod says about its sidecar. */
export function readSettings(pod: Pod): ReadSettings {
  const annotations = annotationsOf(pod)
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, { usual, parse }] of Object.entries(ANNOTATIONS)) {
    const key = `${PREFIX}${name}`
    const written = Object.hasOwn(annotations, key) ? annotations[key] : undefined
    const text = written ?? usual
    const parsed: Parsed<unknown> = text === undefined ? { ok: true, value: undefined } : parse(text)
    if (parsed.ok) values[name] = parsed.value
    else problems.push(`annotation ${key}: ${quoted(text ?? '')} ${parsed.why}`)
  }
  if (problems.length > 0) return { ok: false, problems }
  const read = withinLimits(values as unknown as AnnotationValues, annotations)
  const between = [...portProblems(read, pod), ...resourceProblems(read)]
  return between.length > 0 ? { ok: false, problems: between } : { ok: true, values: read }
}

/** Names that are near what the injector knows, and so are probably meant for it. */
export function unknownAnnotations(pod: Pod): readonly string[] {
  const known = [...Object.keys(ANNOTATIONS).map((name) => `${PREFIX}${name}`), INJECT, STATUS]
  return Object.keys(annotationsOf(pod))
    .filter((key) => key.startsWith(PREFIX) && !known.includes(key))
    .map((key) => {
      const meant = nearest(key, known)
      const mend = meant === undefined ? 'remove it' : `did you mean ${meant}?`
      return `annotation ${quoted(key)} is not known to ringside and changes nothing; ${mend}`
    })
}

const PORTS = ['grpc-port', 'admin-port', 'health-port'] as const satisfies readonly AnnotationName[]

/** All containers of a pod share its ports. */
function* portProblems(values: AnnotationValues, pod: Pod): Iterable<string> {
  const taken = new Map<number, string>()
  for (const { name, ports } of containersOf(pod)) {
    for (const { containerPort } of ports ?? []) taken.set(containerPort, `container ${quoted(name)}`)
  }
  for (const name of PORTS) {
    // Over the socket alone nobody listens there.
    if (name === 'grpc-port' && values.transport === 'uds') continue
    const port = values[name]
    const by = taken.get(port)
    if (by !== undefined) yield `annotation ${PREFIX}${name}: ${port} is the port of ${by}; write another`
    taken.set(port, `${PREFIX}${name}`)
  }
}

/** What is usual is requested only as far as the limit allows. */
function withinLimits(values: AnnotationValues, annotations: Readonly<Record<string, string>>): AnnotationValues {
  const request = (resource: 'cpu' | 'memory') => {
    const [usual, limit] = [values[`${resource}-request`], values[`${resource}-limit`]]
    const isWritten = Object.hasOwn(annotations, `${PREFIX}${resource}-request`)
    return isWritten || limit === undefined || usual.amount <= limit.amount ? usual : limit
  }
  return { ...values, 'cpu-request': request('cpu'), 'memory-request': request('memory') }
}

function* resourceProblems(values: AnnotationValues): Iterable<string> {
  for (const resource of ['cpu', 'memory'] as const) {
    const [request, limit] = [values[`${resource}-request`], values[`${resource}-limit`]]
    if (limit === undefined || request.amount <= limit.amount) continue
    const name = `${PREFIX}${resource}`
    yield `annotation ${name}-limit: ${limit.text} is below ${name}-request, ${request.text}; raise it or lower the other`
  }
}
