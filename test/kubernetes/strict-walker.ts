import * as client from '@kubernetes/client-node'
import type { KubernetesObject } from './kustomize.ts'
import { requiredFlaws } from './required-fields.ts'

interface Attribute {
  readonly baseName: string
  readonly type: string
  readonly format: string
}

interface Model {
  getAttributeTypeMap(): readonly Attribute[]
}

/** Kinds that are newer than the models: their last version before has the same fields. */
const SAME_AS: Readonly<Record<string, string>> = {
  V1MutatingAdmissionPolicy: 'V1beta1MutatingAdmissionPolicy',
  V1MutatingAdmissionPolicyBinding: 'V1beta1MutatingAdmissionPolicyBinding',
}

/**
 * What an API server with strict validation would refuse in an object: fields that its kind does not have, values of
 * another type, and fields that are missing.
 */
export function flawsOf(object: KubernetesObject): string[] {
  const name = `${object.kind} ${object.metadata?.name}`
  const flaws = object.apiVersion.includes('.') && isForeign(object) ? [] : walk(object, modelNameOf(object), '')
  return [...flaws, ...requiredFlaws(object)].map((flaw) => `${name}: ${flaw}`)
}

/** Of a group that the API server itself does not have. */
function isForeign({ apiVersion }: KubernetesObject): boolean {
  return !/^[a-z.]*k8s\.io\//.test(apiVersion)
}

function modelNameOf({ apiVersion, kind }: KubernetesObject): string {
  const version = apiVersion.split('/').at(-1) ?? ''
  const name = `${version.charAt(0).toUpperCase()}${version.slice(1)}${kind}`
  return SAME_AS[name] ?? name
}

function walk(value: unknown, type: string, path: string): string[] {
  const list = /^Array<(.*)>$/.exec(type)?.[1]
  if (list !== undefined) {
    if (!Array.isArray(value)) return [wrong(path, 'a list', value)]
    return value.flatMap((one, index) => walk(one, list, `${path}[${index}]`))
  }
  const values = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1]
  if (values !== undefined) {
    if (!isFields(value)) return [wrong(path, 'a map', value)]
    return Object.entries(value).flatMap(([key, one]) => walk(one, values, `${path}[${key}]`))
  }
  return isScalarType(type) ? walkScalar(value, type, path) : walkFields(value, type, path)
}

function isScalarType(type: string): boolean {
  return ['string', 'number', 'boolean', 'any', 'Date', 'V1MicroTime', 'IntOrString'].includes(type)
}

function walkScalar(value: unknown, type: string, path: string): string[] {
  if (type === 'any') return []
  if (type === 'IntOrString')
    return Number.isInteger(value) || typeof value === 'string' ? [] : [wrong(path, type, value)]
  const wanted = type === 'Date' || type === 'V1MicroTime' ? 'string' : type

  return isOf(value, wanted) ? [] : [wrong(path, wanted, value)]
}

function isOf(value: unknown, type: string): boolean {
  const is: string = typeof value
  return is === type
}

function walkFields(value: unknown, type: string, path: string): string[] {
  const model = (client as unknown as Record<string, Model | undefined>)[type]
  if (model === undefined) return [`${path === '' ? 'it' : path} is of a kind that is not known: ${type}`]
  if (!isFields(value)) return [wrong(path, type, value)]
  const attributes = new Map(model.getAttributeTypeMap().map((attribute) => [attribute.baseName, attribute]))
  return Object.entries(value).flatMap(([key, one]) => {
    const at = path === '' ? key : `${path}.${key}`
    const attribute = attributes.get(key)
    if (attribute === undefined) return [`${at} is not a field of ${type}`]
    if (attribute.format.startsWith('int') && typeof one === 'number' && !Number.isInteger(one)) {
      return [wrong(at, 'a whole number', one)]
    }
    return walk(one, attribute.type, at)
  })
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(path: string, wanted: string, value: unknown): string {
  return `${path === '' ? 'it' : path} is not ${wanted}: ${JSON.stringify(value)}`
}
