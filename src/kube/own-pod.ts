import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Address } from '../base/address.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The pod that this process runs in. */
export interface OwnPod {
  readonly namespace: string
  readonly name: string
  /** `undefined` where the token does not tell. `kubectl describe` shows no event without it, `kubectl events` does. */
  readonly uid: string | undefined
}

/** The API server as Kubernetes tells every container; `undefined` outside of a cluster. */
export function apiAddress(env: Environment): Address | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env
  if (!host) return undefined
  return { host, port: Number(port || 443) }
}

/**
 * Who this pod is, from `POD_NAME` and `POD_NAMESPACE`, else from the token in the folder `account`, which is made for one
 * pod and names it. `undefined` where there is no token to show to an API server, or neither says who.
 */
export async function ownPod(env: Environment, account: string): Promise<OwnPod | undefined> {
  const token = await readFile(join(account, 'token'), 'utf8').catch(() => undefined)
  if (token === undefined) return undefined
  const bound = boundTo(token)
  const name = env.POD_NAME || bound.pod?.name
  const namespace = env.POD_NAMESPACE || bound.namespace
  if (name === undefined || namespace === undefined) return undefined
  return { namespace, name, uid: name === bound.pod?.name ? bound.pod.uid : undefined }
}

/** The claim `kubernetes.io` of a token of a service account, as far as it is there. */
interface Bound {
  readonly namespace?: string
  readonly pod?: { readonly name: string; readonly uid: string }
}

function boundTo(token: string): Bound {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return claims['kubernetes.io'] ?? {}
  } catch {
    return {}
  }
}
