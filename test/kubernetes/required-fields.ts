import { Certificate } from '@kubernetes-models/cert-manager/cert-manager.io/v1/Certificate'
import { Issuer } from '@kubernetes-models/cert-manager/cert-manager.io/v1/Issuer'
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor'
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import { MutatingWebhookConfiguration } from 'kubernetes-models/admissionregistration.k8s.io/v1/MutatingWebhookConfiguration'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet'
import { Job } from 'kubernetes-models/batch/v1/Job'
import { Lease } from 'kubernetes-models/coordination.k8s.io/v1/Lease'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { ClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole'
import { ClusterRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding'
import { Role } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role'
import { RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Namespace } from 'kubernetes-models/v1/Namespace'
import { Pod } from 'kubernetes-models/v1/Pod'
import { Secret } from 'kubernetes-models/v1/Secret'
import { Service } from 'kubernetes-models/v1/Service'
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import type { KubernetesObject } from './kustomize.ts'

interface Schema {
  readonly apiVersion: string
  readonly kind: string
  readonly prototype: { validate(): void }
}

const SCHEMAS: readonly Schema[] = [
  ...[Certificate, Issuer, PodMonitor, PrometheusRule],
  ...[MutatingWebhookConfiguration, Deployment, StatefulSet, Job, Lease, NetworkPolicy, PodDisruptionBudget],
  ...[ClusterRole, ClusterRoleBinding, Role, RoleBinding],
  ...[ConfigMap, Namespace, Pod, Secret, Service, ServiceAccount],
]

/** Kinds of which there is no schema; the walker alone judges them. */
const WITHOUT_SCHEMA = ['MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding']

/** What a kind's schema finds missing or wrong; of kinds that the API server itself does not have, also what it never heard of. */
export function requiredFlaws(object: KubernetesObject): string[] {
  const { apiVersion, kind } = object
  if (WITHOUT_SCHEMA.includes(kind)) return []
  const schema = SCHEMAS.find((one) => one.apiVersion === apiVersion && one.kind === kind)
  if (schema === undefined) return [`there is no schema of ${apiVersion} ${kind}`]
  const read = new Set<string>()
  try {
    schema.prototype.validate.call(watched(object, '', read))
  } catch (error) {
    return [(error as Error).message]
  }
  return apiVersion.includes('k8s.io') || !apiVersion.includes('.') ? [] : unread(object, '', read)
}

/** The object, noting which fields of it are looked at. A schema looks at every field that it knows. */
function watched<T>(value: T, path: string, read: Set<string>): T {
  if (typeof value !== 'object' || value === null) return value
  return new Proxy(value, {
    get(target, key) {
      read.add(`${path}/${String(key)}`)
      return watched(Reflect.get(target, key), `${path}/${String(key)}`, read)
    },
  })
}

function unread(value: unknown, path: string, read: ReadonlySet<string>): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => {
    const at = `${path}/${key}`
    return read.has(at) ? unread(one, at, read) : [`${at} is not a field that its schema knows`]
  })
}
