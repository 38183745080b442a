import type { KubernetesObject } from './kustomize.ts'

/** Volumes that Pod Security `restricted` allows. */
const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

/**
 * What Pod Security `restricted` has against an object's pods, and what we ask beyond it: file systems that cannot be
 * written to, and a memory limit.
 */
export function restrictedFlaws(object: KubernetesObject): string[] {
  const spec = podSpecOf(object)
  if (spec === undefined) return []
  const flaws: string[] = []
  if (spec.hostNetwork || spec.hostPID || spec.hostIPC) flaws.push('shares namespaces of its node')
  for (const { name, ...volume } of spec.volumes ?? []) {
    if (!Object.keys(volume).every((kind) => VOLUMES.includes(kind))) flaws.push(`has the volume ${name}`)
  }
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    flaws.push(...containerFlaws(container, spec.securityContext ?? {}).map((flaw) => `${container.name} ${flaw}`))
  }
  return flaws.map((flaw) => `${object.kind} ${object.metadata.name}: ${flaw}`)
}

// biome-ignore lint/suspicious/noExplicitAny: a pod as it is in a manifest
function podSpecOf({ kind, spec }: KubernetesObject): any {
  if (kind === 'Pod') return spec
  return ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].includes(kind) ? spec.template.spec : undefined
}

// biome-ignore lint/suspicious/noExplicitAny: a container as it is in a manifest
function containerFlaws({ securityContext: own = {}, ports = [], resources }: any, pod: any): string[] {
  const said = { ...pod, ...own }
  const checks: readonly (readonly [boolean, string])[] = [
    [said.runAsNonRoot === true && said.runAsUser !== 0, 'may run as root'],
    [own.allowPrivilegeEscalation === false, 'may gain privileges'],
    [own.privileged !== true, 'is privileged'],
    [own.capabilities?.drop?.includes('ALL') === true, 'keeps capabilities'],
    [(own.capabilities?.add ?? []).length === 0, 'asks for capabilities'],
    [said.seccompProfile?.type === 'RuntimeDefault', 'has no seccomp profile'],
    [ports.every((port: { hostPort?: number }) => port.hostPort === undefined), 'has a port of its node'],
    [own.readOnlyRootFilesystem === true, 'may write to its root file system'],
    [resources?.limits?.memory !== undefined, 'has no memory limit'],
  ]
  return checks.filter(([holds]) => !holds).map(([, flaw]) => flaw)
}
