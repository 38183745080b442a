import { RingsideError } from '../base/errors.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import { pickFields } from '../keyspace/value-encoding.ts'
import type { Answer } from './cache.ts'

/** The answer with only those members of its value. Throws `ARGUMENT_INVALID` where that is no object. */
export function partOf(answer: Answer, { name, encoding }: KeyspacePolicy, fields: ReadonlySet<string>): Answer {
  if (answer.outcome !== 'found') return answer
  const value = pickFields(encoding, answer.value, fields)
  if (value !== undefined) return { ...answer, value }
  const what = encoding === 'json' ? 'a JSON object' : 'a MessagePack map'
  const message = `fields are asked for, but the value is not ${what}; leave them out, or set \`encoding\` of keyspace ${name}`
  throw new RingsideError('ARGUMENT_INVALID', message, { metadata: { field: 'fields', keyspace: name } })
}
