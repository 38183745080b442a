import fc from 'fast-check'
import { ANNOTATIONS } from '../../src/injector/annotations.ts'
import { PREFIX } from '../../src/injector/names.ts'

/** As JSON has it, where everything may be missing. */
export type Json = Record<string, unknown>

/** Absent, null, or there: what a client may send for whatever is optional. */
function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> {
  return fc.oneof({ weight: 3, arbitrary: value }, { weight: 1, arbitrary: fc.constantFrom(null, undefined) })
}

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '__proto__', 'constructor', '~/~1'),
)

/** Keys that another pointer or another map might stumble over. */
const key = fc.oneof(text, fc.constantFrom('a/b', 'a~b', 'ringside.dev/injecte', 'ringside.dev/', 'toString'))

const known = Object.keys(ANNOTATIONS).map((name) => `${PREFIX}${name}`)
const sensible = fc.constantFrom(
  ...[
    'uds',
    'both',
    'tcp',
    'optional',
    'required',
    'native',
    'classic',
    'auto',
    'shop',
    '7500',
    '200m',
    '192Mi',
    'A=1',
  ],
)

const annotations = fc.dictionary(
  fc.oneof({ weight: 3, arbitrary: key }, { weight: 1, arbitrary: fc.constantFrom(...known) }),
  fc.oneof(text, sensible),
)

const name = fc.oneof(fc.stringMatching(/^[a-z]{1,8}$/), fc.constantFrom('ringside-config', 'ringside-socket', 'app'))

const variable = fc.record({
  name: fc.oneof(fc.constantFrom('RINGSIDE_ADDR', 'RINGSIDE_SOCKET', 'HOME'), name),
  value: maybe(text),
})

const mount = fc.record({
  name,
  mountPath: fc.constantFrom('/run/ringside', '/run/ringside/', '/run', '/data'),
})

const container = fc.record(
  {
    name,
    image: text,
    env: maybe(fc.array(variable, { maxLength: 3 })),
    volumeMounts: maybe(fc.array(mount, { maxLength: 3 })),
    ports: maybe(fc.array(fc.record({ containerPort: fc.integer({ min: 1, max: 65_535 }) }), { maxLength: 2 })),
    resources: maybe(fc.dictionary(key, fc.jsonValue())),
  },
  { requiredKeys: ['name'] },
)

const spec = fc.record(
  {
    containers: fc.array(container, { minLength: 1, maxLength: 3 }),
    initContainers: maybe(fc.array(container, { maxLength: 2 })),
    volumes: maybe(fc.array(fc.record({ name, emptyDir: fc.constant({}) }), { maxLength: 3 })),
    securityContext: maybe(
      fc.record(
        { fsGroup: maybe(fc.nat()), supplementalGroups: maybe(fc.array(fc.constantFrom(5, 10_001))) },
        { requiredKeys: [] },
      ),
    ),
    terminationGracePeriodSeconds: maybe(fc.nat(600)),
    restartPolicy: maybe(fc.constantFrom('Always', 'Always', 'OnFailure')),
    nodeSelector: fc.dictionary(key, text),
    tolerations: fc.array(fc.jsonValue(), { maxLength: 2 }),
  },
  { requiredKeys: ['containers'] },
)

const metadata = fc.record(
  {
    name: maybe(text),
    labels: maybe(fc.dictionary(key, text)),
    annotations: maybe(annotations),
    ownerReferences: fc.array(fc.jsonValue(), { maxLength: 1 }),
  },
  { requiredKeys: [] },
)

/** Pods as a client may send them: any list or map may be missing or null, and anything may be called anything. */
export const anyPod: fc.Arbitrary<Json> = fc
  .record({ apiVersion: fc.constant('v1'), kind: fc.constant('Pod'), metadata: maybe(metadata), spec })
  .map((pod) => JSON.parse(JSON.stringify(pod)) as Json)

/** One container, one name. */
export function podOf(change: { metadata?: Json; spec?: Json } = {}): Json {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'app', ...change.metadata },
    spec: { containers: [{ name: 'app', image: 'app:1' }], ...change.spec },
  }
}
