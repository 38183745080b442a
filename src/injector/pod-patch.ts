import type { AnnotationValues } from './annotations.ts'
import { type AddOperation, PatchWriter, type Place } from './json-patch.ts'
import type { Mode } from './mode.ts'
import { CONTAINER, FOLDERS, INJECTED, SIDECAR_ID, SOCKET, STATUS, VOLUMES } from './names.ts'
import { annotationsOf, type Container, type Pod } from './pod.ts'
import { sidecarContainer } from './sidecar-container.ts'

export interface Injection {
  readonly mode: Mode
  readonly image: string
  readonly values: AnnotationValues
}

/** Kubernetes' own, in seconds, for a pod that does not say. */
const USUAL_GRACE_S = 30

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container'

/**
 * What makes a pod without a sidecar one with a sidecar, and touches nothing else: what the pod says itself - a variable, a mount,
 * a volume of that name - stays as it is.
 *
 * A native sidecar becomes the first init container: those after it may use the cache, and since the kubelet stops
 * sidecars in reverse order it is there until the last of the others has ended.
 */
export function podPatch(pod: Pod, injection: Injection): readonly AddOperation[] {
  const patch = new PatchWriter(pod)
  const { spec } = pod
  const { mode, values } = injection
  const isNative = mode === 'native'
  // Init containers of a pod with a classic sidecar have ended before it starts.
  if (isNative) connect(patch, ['spec', 'initContainers'], spec.initContainers ?? [], values)
  connect(patch, ['spec', 'containers'], spec.containers, values)
  if (values.transport !== 'tcp') letIntoSocket(patch, pod)

  const container = sidecarContainer({ ...injection, graceS: spec.terminationGracePeriodSeconds ?? USUAL_GRACE_S })
  const holdsBack = isNative || values.startup === 'required'
  patch.insert(['spec', isNative ? 'initContainers' : 'containers'], container, holdsBack ? 0 : undefined)
  for (const volume of volumes(values)) {
    if (!spec.volumes?.some(({ name }) => name === volume.name)) patch.insert(['spec', 'volumes'], volume)
  }

  patch.set(['metadata', 'labels'], INJECTED, 'true')
  patch.set(['metadata', 'annotations'], STATUS, status(injection))
  // What `kubectl logs` and `exec` mean is the first container unless it is said: the app's, as before.
  if (!isNative && holdsBack && !Object.hasOwn(annotationsOf(pod), DEFAULT_CONTAINER)) {
    patch.set(['metadata', 'annotations'], DEFAULT_CONTAINER, spec.containers[0]?.name)
  }
  return patch.operations
}

/** Tells containers where the cache is, in front of their own variables, so that those may refer to it. */
function connect(patch: PatchWriter, list: Place, containers: readonly Container[], values: AnnotationValues): void {
  const { transport } = values
  for (const [index, { env, volumeMounts }] of containers.entries()) {
    const say = (name: string, value: string) => {
      if (!env?.some((variable) => variable.name === name)) patch.insert([...list, index, 'env'], { name, value }, 0)
    }
    if (transport !== 'tcp') say('RINGSIDE_SOCKET', SOCKET)
    if (transport !== 'uds') say('RINGSIDE_ADDR', `127.0.0.1:${values['grpc-port']}`)
    const isMounted = volumeMounts?.some(({ mountPath }) => mountPath.replace(/\/+$/, '') === FOLDERS.socket)
    if (transport === 'tcp' || isMounted) continue
    patch.insert([...list, index, 'volumeMounts'], { name: VOLUMES.socket, mountPath: FOLDERS.socket })
  }
}

/**
 * The socket is for the sidecar's group. With `fsGroup` the folder gives it that of the pod, which all containers have; else they
 * get the sidecar's in addition: unlike an `fsGroup` of ours that changes the owner of no volume of the app.
 */
function letIntoSocket(patch: PatchWriter, { spec: { securityContext } }: Pod): void {
  if (typeof securityContext?.fsGroup === 'number') return
  if (securityContext?.supplementalGroups?.includes(SIDECAR_ID)) return
  patch.insert(['spec', 'securityContext', 'supplementalGroups'], SIDECAR_ID)
}

interface Volume {
  readonly name: string
  readonly configMap?: { readonly name: string; readonly optional?: true }
  readonly emptyDir?: object
}

function volumes({ config, startup }: AnnotationValues): readonly Volume[] {
  return [
    // Where the app waits for the cache, the kubelet names a ConfigMap that is missing; else the sidecar waits for it.
    { name: VOLUMES.config, configMap: { name: config, ...(startup === 'optional' ? { optional: true } : {}) } },
    { name: VOLUMES.socket, emptyDir: {} },
    { name: VOLUMES.journal, emptyDir: {} },
  ]
}

function status({ mode, image, values }: Injection): string {
  const { config, startup, transport } = values
  return JSON.stringify({ container: CONTAINER, mode, image, config, startup, transport })
}
