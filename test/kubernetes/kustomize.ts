import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { parse, parseAllDocuments } from 'yaml'

/** Where `.ci/prepare` puts kubectl and Helm, of a version that does not depend on the machine. */
const TOOLS = resolve('node_modules/.cache/kubernetes')
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024

export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  // biome-ignore lint/suspicious/noExplicitAny: what an object holds depends on its kind, and the strict walker judges it
  readonly [field: string]: any
}

/** All objects that `kubectl apply -k` of the folder would send. */
export async function kustomize(folder: string): Promise<KubernetesObject[]> {
  return objectsOf(await runTool('kubectl', ['kustomize', folder]))
}

/** All objects that `helm install` of the chart would send. */
export async function helmTemplate(chart: string, args: readonly string[]): Promise<KubernetesObject[]> {
  return objectsOf(await runTool('helm', ['template', 'ringside', chart, ...args]))
}

/** What is in a YAML file of many documents; a key that is written twice is an error. */
export function objectsOf(text: string): KubernetesObject[] {
  const documents = parseAllDocuments(text)
  if ('empty' in documents) return []
  return documents
    .map((document) => {
      if (document.errors[0] !== undefined) throw document.errors[0]
      return document.toJS() as KubernetesObject | null
    })
    .filter((object) => object !== null)
}

/** Folders below `root` with a kustomization of the kind. */
export function kustomizations(root: string, kind: 'Kustomization' | 'Component'): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name === 'kustomization.yaml')
    .filter((entry) => parse(readFileSync(join(entry.parentPath, entry.name), 'utf8')).kind === kind)
    .map((entry) => entry.parentPath)
    .sort()
}

export function find(objects: readonly KubernetesObject[], kind: string, name: string): KubernetesObject {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name)
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`)
  return found
}

async function runTool(tool: 'kubectl' | 'helm', args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(TOOLS, tool), args, { maxBuffer: MOST_OUTPUT_BYTES })
  return stdout
}
