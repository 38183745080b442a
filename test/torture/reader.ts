import { status } from '@grpc/grpc-js'
import { pause, systemClock } from '../../src/base/clock.ts'
import type { Source } from '../../src/cache/cache.ts'
import type { GetRequest } from '../../src/gen/ringside/v1/GetRequest.ts'
import type { GetResponse__Output } from '../../src/gen/ringside/v1/GetResponse.ts'
import type { Seen } from '../simulation/history.ts'
import type { AsideWriter } from './aside-writer.ts'
import { codeOf, type TorturedClient } from './client.ts'
import { decodeValue } from './encoded-value.ts'
import { readKey } from './keys.ts'
import { KEYSPACES, type TorturedKeyspace } from './keyspaces.ts'
import type { SeededChance } from './seeded-chance.ts'
import { fromWall } from './wall-time.ts'
import type { Witness } from './witness.ts'

export interface ReaderParts {
  readonly client: TorturedClient
  readonly witness: Witness
  readonly chance: SeededChance
  /** Fills what is missing in keyspaces without an origin. */
  readonly asides: AsideWriter
  /** Versions that some reader has seen, by keyspace and key; absent where `min_version` is not available. */
  readonly seenVersions: Map<string, number> | undefined
}

export const SOURCE: Readonly<Record<GetResponse__Output['source'], Source>> = {
  SOURCE_UNSPECIFIED: 'primary',
  SOURCE_NEAR: 'near',
  SOURCE_COPY: 'copy',
  SOURCE_REPLICA: 'replica',
  SOURCE_PRIMARY: 'primary',
  SOURCE_ORIGIN: 'origin',
}

interface Question {
  readonly keyspace: TorturedKeyspace
  readonly key: string
  readonly boundMs: number
  readonly minVersion: number | undefined
  readonly request: GetRequest
}

/** An app that reads through its own sidecar, one call after the other. */
export class Reader {
  readonly #parts: ReaderParts

  constructor(parts: ReaderParts) {
    this.#parts = parts
  }

  async turn(): Promise<void> {
    const { chance } = this.#parts
    if (chance.happens(0.1)) await this.#batch(Math.floor(chance.between(2, 10)))
    else await this.#one(this.#question())
    await pause(systemClock, chance.between(5, 25))
  }

  async #one(question: Question): Promise<void> {
    const startedAt = systemClock.now()
    try {
      this.#answered(question, startedAt, await this.#parts.client.get(question.request))
    } catch (error) {
      this.#unanswered(question, startedAt, codeOf(error))
    }
  }

  async #batch(size: number): Promise<void> {
    const questions = Array.from({ length: size }, () => this.#question())
    const startedAt = systemClock.now()
    try {
      const { results } = await this.#parts.client.batchGet(questions.map(({ request }) => request))
      for (const [index, question] of questions.entries()) {
        const result = results[index]
        if (result?.response) this.#answered(question, startedAt, result.response)
        else this.#unanswered(question, startedAt, result?.error?.code ?? status.INTERNAL)
      }
    } catch (error) {
      for (const question of questions) this.#unanswered(question, startedAt, codeOf(error))
    }
  }

  #question(): Question {
    const { chance, seenVersions } = this.#parts
    const keyspace = chance.pick(KEYSPACES)
    const key = readKey(chance)
    const asked = this.#askedStaleness(keyspace)
    const seen = chance.happens(0.1) ? seenVersions?.get(`${keyspace.name}/${key}`) : undefined
    return {
      keyspace,
      key,
      boundMs: Math.min(asked ?? keyspace.boundMs, keyspace.boundMs),
      minVersion: seen,
      request: {
        keyspace: keyspace.name,
        key,
        ...(asked === undefined ? {} : { max_staleness_ms: asked }),
        ...(seen === undefined ? {} : { min_version: seen }),
      },
    }
  }

  #askedStaleness(keyspace: TorturedKeyspace): number | undefined {
    const { chance } = this.#parts
    if (chance.happens(0.8)) return undefined
    return chance.happens(0.2) ? 0 : Math.floor(chance.between(0, keyspace.boundMs * 1.5))
  }

  #answered({ keyspace, key, boundMs, minVersion }: Question, startedAt: number, answer: GetResponse__Output): void {
    const { witness, client, asides, seenVersions } = this.#parts
    const endedAt = systemClock.now()
    const { version } = answer
    witness.answered({
      keyspace: keyspace.name,
      key,
      by: `get@${client.name}`,
      startedAt,
      endedAt,
      boundMs,
      ...(minVersion === undefined ? {} : { minVersion }),
      seen: seenOf(keyspace.name, key, answer),
      version,
      asOf: fromWall(answer.as_of_unix_ms),
      degraded: answer.degraded,
      source: SOURCE[answer.source],
    })
    if (version > 0) seenVersions?.set(`${keyspace.name}/${key}`, version)
    if (answer.lease !== null) asides.fill(keyspace.name, key, { token: answer.lease.token, leasedAt: endedAt })
  }

  #unanswered({ keyspace, key }: Question, startedAt: number, code: number): void {
    const { witness, client } = this.#parts
    const read = { keyspace: keyspace.name, key, by: `get@${client.name}`, startedAt, endedAt: systemClock.now() }
    witness.unanswered(read, code)
  }
}

export function seenOf(keyspace: string, key: string, { outcome, value, source }: GetResponse__Output): Seen {
  if (source === 'SOURCE_UNSPECIFIED') return { kind: 'foreign', text: source }
  switch (outcome) {
    case 'OUTCOME_FOUND':
      return decodeValue(keyspace, key, value)
    case 'OUTCOME_NOT_FOUND':
      return { kind: 'absent' }
    case 'OUTCOME_MISS':
      return { kind: 'miss' }
    default:
      return { kind: 'foreign', text: outcome }
  }
}
