import type { z } from 'zod'
import { parseShare } from '../base/share.ts'
import { wholeKeyPattern } from '../keyspace/key-pattern.ts'
import { NAME_ADVICE, NAME_PATTERN } from '../keyspace/name.ts'
import type { TenantPolicy } from '../keyspace/policy.ts'
import { asFlag, scalar } from './scalars.ts'

export function keyPattern(): z.ZodType<RegExp, unknown> {
  const advice = "a regular expression in single quotes, such as '^[0-9]{1,12}$'"
  return scalar(advice, { type: 'string', format: 'regex' }, (input) => {
    if (typeof input !== 'string' || input === '') return { ok: false, why: `must be ${advice}` }
    try {
      return { ok: true, value: wholeKeyPattern(input) }
    } catch {
      return { ok: false, why: `does not compile; write ${advice} (JavaScript's syntax, Unicode mode)` }
    }
  })
}

const TENANT_WORDS = ['none', 'optional', 'required'] as const

export function tenants(): z.ZodType<TenantPolicy, unknown> {
  const advice = `one of ${TENANT_WORDS.join(', ')}, or a list of different tenants, each ${NAME_ADVICE}`
  const list = {
    type: 'array',
    items: { type: 'string', pattern: NAME_PATTERN.source },
    minItems: 1,
    uniqueItems: true,
  }
  return scalar<TenantPolicy>(advice, { anyOf: [{ enum: [...TENANT_WORDS] }, list] }, (input) => {
    const word = TENANT_WORDS.find((allowed) => allowed === input)
    if (word !== undefined) return { ok: true, value: word }
    return isTenantList(input) ? { ok: true, value: input } : { ok: false, why: `must be ${advice}` }
  })
}

function isTenantList(input: unknown): input is readonly string[] {
  if (!Array.isArray(input) || input.length === 0 || new Set(input).size !== input.length) return false
  return input.every((tenant) => typeof tenant === 'string' && NAME_PATTERN.test(tenant))
}

export interface NearSwitch {
  readonly enabled: boolean | undefined
  /** Of the near cache's bytes, 0..1. */
  readonly maxShare: number
}

/** `true`, `false`, or a map that says so under `enabled`, and how much of the near cache the keyspace may take. */
export function nearSwitch(): z.ZodType<NearSwitch, unknown> {
  const advice = 'true, false or { enabled: true | false, maxShare: 1% to 100% }'
  const map = {
    type: 'object',
    properties: {
      enabled: { type: 'boolean', description: 'Whether the near cache is used.' },
      maxShare: { type: 'string', description: 'How much of the near cache the keyspace may take, such as 50%.' },
    },
    additionalProperties: false,
  }
  return scalar(advice, { anyOf: [{ type: 'boolean' }, map] }, (input) => {
    const map = typeof input === 'object' ? (input as Record<string, unknown>) : { enabled: input }
    const { enabled, maxShare = '100%', ...rest } = map
    const value = asFlag(enabled)
    const share = typeof maxShare === 'string' ? parseShare(maxShare) : undefined
    const right = (enabled === undefined || value !== undefined) && Object.keys(rest).length === 0
    if (!right || share?.ok !== true || !(share.value >= 0.01 && share.value <= 1)) {
      return { ok: false, why: `must be ${advice}` }
    }
    return { ok: true, value: { enabled: value, maxShare: share.value } }
  })
}
