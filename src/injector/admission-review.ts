import { z } from 'zod'
import type { Review } from './review.ts'

const API_VERSION = 'admission.k8s.io/v1'

const request = z.looseObject({
  uid: z.string().min(1),
  operation: z.string(),
  /** Always set, while that of the object may be empty. */
  namespace: z.string().optional(),
  name: z.string().optional(),
  object: z.unknown(),
})

const admissionReview = z.looseObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('AdmissionReview'),
  request,
})

/** What the API server asks. */
export type AdmissionRequest = z.output<typeof request>

/** `undefined` for what is no AdmissionReview of `admission.k8s.io/v1`. */
export function readAdmissionReview(text: string): AdmissionRequest | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  const result = admissionReview.safeParse(json)
  return result.success ? result.data.request : undefined
}

/** HTTP status that the user of a denied request is shown. */
const UNPROCESSABLE = 422

/** The answer to a request, in the words of the API server. */
export function admissionAnswer(uid: string, review: Review): object {
  return { apiVersion: API_VERSION, kind: 'AdmissionReview', response: { uid, ...verdict(review) } }
}

/** Lets a pod be as it is: for when the injector itself has failed, which is no reason to keep a pod from starting. */
export function failOpenAnswer(uid: string): object {
  const warnings = ['ringside: no sidecar, since the injector failed; its log has the cause']
  const response = { uid, allowed: true, warnings }
  return { apiVersion: API_VERSION, kind: 'AdmissionReview', response }
}

function verdict(review: Review): object {
  switch (review.outcome) {
    case 'denied':
      return { allowed: false, status: { code: UNPROCESSABLE, reason: 'Invalid', message: review.message } }
    case 'skipped':
      return { allowed: true, ...warningsOf(review), auditAnnotations: { outcome: 'skipped', reason: review.reason } }
    case 'injected': {
      const patch = Buffer.from(JSON.stringify(review.patch)).toString('base64')
      const auditAnnotations = { outcome: 'injected', mode: review.mode }
      return { allowed: true, patchType: 'JSONPatch', patch, ...warningsOf(review), auditAnnotations }
    }
  }
}

// A server of 1.18 or before knows no warnings; an empty list would only be noise.
function warningsOf({ warnings }: { readonly warnings: readonly string[] }): object {
  return warnings.length === 0 ? {} : { warnings }
}
