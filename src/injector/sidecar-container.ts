import type { AnnotationValues } from './annotations.ts'
import type { Mode } from './mode.ts'
import { CONTAINER, FOLDERS, SIDECAR_ID, SOCKET, VOLUMES } from './names.ts'

export interface SidecarPlan {
  readonly mode: Mode
  readonly image: string
  readonly values: AnnotationValues
  /** How long the pod may take to end, in seconds. */
  readonly graceS: number
}

/** What is left of the grace period, in seconds, for the sidecar to drain and to end by itself. */
const LEFT_FOR_DRAIN_S = 5

/** How many seconds a starting sidecar has until the kubelet starts it anew. */
const START_WITHIN_S = 60

/** The container that is injected, within what Pod Security calls `restricted`. */
export function sidecarContainer(plan: SidecarPlan): object {
  const { mode, image, values } = plan
  return {
    name: CONTAINER,
    image,
    ...(mode === 'native' ? { restartPolicy: 'Always' } : {}),
    env: environment(plan),
    ...(values['env-from'] === undefined ? {} : { envFrom: values['env-from'] }),
    ports: [{ name: 'ringside-health', containerPort: values['health-port'], protocol: 'TCP' }],
    resources: resources(values),
    ...probes(plan),
    volumeMounts: [
      { name: VOLUMES.config, mountPath: FOLDERS.config, readOnly: true },
      { name: VOLUMES.socket, mountPath: FOLDERS.socket },
      { name: VOLUMES.journal, mountPath: FOLDERS.journal },
    ],
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: SIDECAR_ID,
      runAsGroup: SIDECAR_ID,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  }
}

function environment({ mode, values, graceS }: SidecarPlan): readonly object[] {
  const said: [name: string, value: string][] = [
    ['RINGSIDE_CONFIG', `${FOLDERS.config}/ringside.yaml`],
    ['RINGSIDE_LISTEN_GRPC', values.transport === 'uds' ? 'off' : `127.0.0.1:${values['grpc-port']}`],
    // Also where the app does not use it: calls of Admin that change something come by the socket.
    ['RINGSIDE_LISTEN_SOCKET', SOCKET],
    ['RINGSIDE_LISTEN_ADMIN', `127.0.0.1:${values['admin-port']}`],
    ['RINGSIDE_LISTEN_HEALTH', `0.0.0.0:${values['health-port']}`],
  ]
  if (values['log-level'] !== undefined) said.push(['RINGSIDE_LOG_LEVEL', values['log-level']])
  if (values.startup === 'optional') said.push(['RINGSIDE_AWAIT_CONFIG', 'true'])
  // A native sidecar is told to stop when the app has ended; a classic one at the same time as the app.
  if (mode === 'classic') said.push(['RINGSIDE_LINGER', `${Math.max(0, graceS - LEFT_FOR_DRAIN_S)}s`])
  return [
    ...said.map(([name, value]) => ({ name, value })),
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    ...(values.env ?? []),
  ]
}

function resources(values: AnnotationValues): object {
  const cpuLimit = values['cpu-limit']
  return {
    requests: { cpu: values['cpu-request'].text, memory: values['memory-request'].text },
    limits: { ...(cpuLimit === undefined ? {} : { cpu: cpuLimit.text }), memory: values['memory-limit'].text },
  }
}

/**
 * What holds the app back until the sidecar serves: the startup probe of a native one; for a classic one, which stands
 * before the app in the list, that the kubelet starts no container before the hook of the one before it has ended.
 * There is no readiness probe: it would take the whole pod out of its Service for the sake of a cache.
 */
function probes({ mode, values: { startup, transport, 'grpc-port': port } }: SidecarPlan): object {
  const page = (path: string) => ({ path, port: 'ringside-health' })
  const livenessProbe = { httpGet: page('/livez'), periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 6 }
  if (startup === 'optional') return { livenessProbe }
  const startupProbe = {
    httpGet: page('/startupz'),
    periodSeconds: 1,
    timeoutSeconds: 1,
    failureThreshold: START_WITHIN_S,
  }
  if (mode === 'native') return { startupProbe, livenessProbe }
  const address = transport === 'uds' ? `unix:${SOCKET}` : `127.0.0.1:${port}`
  const command = ['node', 'dist/main.js', 'wait', '--address', address]
  return { startupProbe, livenessProbe, lifecycle: { postStart: { exec: { command } } } }
}
