import { GuardRefused, GuardTimeout } from '../../guard/guard.ts'

/**
 * What a server reply that is no answer means.
 * - `unusable`: the server cannot serve; counts against its breaker.
 * - `read-only`: it serves reads, not this change; says nothing about its health.
 * - `moved`: it is a node of a Redis Cluster, which this topology does not speak to.
 * - `no-script`: it does not know the script yet; send the source.
 * - `reply`: any other error reply: our request made no sense to it.
 */
export type Reaction = 'unusable' | 'read-only' | 'moved' | 'no-script' | 'reply'

const REACTIONS: Readonly<Record<string, Reaction>> = {
  LOADING: 'unusable',
  MASTERDOWN: 'unusable',
  CLUSTERDOWN: 'unusable',
  BUSY: 'unusable',
  NOAUTH: 'unusable',
  WRONGPASS: 'unusable',
  NOPERM: 'unusable',
  OOM: 'read-only',
  READONLY: 'read-only',
  MISCONF: 'read-only',
  NOREPLICAS: 'read-only',
  MOVED: 'moved',
  ASK: 'moved',
  NOSCRIPT: 'no-script',
}

export interface ServerReply {
  readonly word: string
  readonly reaction: Reaction
}

/** The error word of a reply such as `OOM command not allowed …`; `undefined` when the server did not reply at all. */
export function serverReply(error: unknown): ServerReply | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined
  // Inside a script the server's own word may stand behind a prefix of the script engine's.
  const words = error.message.match(/\b[A-Z]{3,}\b/g) ?? []
  const known = words.find((word) => word in REACTIONS)
  const word = known ?? words[0] ?? 'ERR'
  return { word, reaction: known === undefined ? 'reply' : (REACTIONS[known] as Reaction) }
}

/** The kind under which a failure is counted: `timeout`, `connection`, `breaker`, `overload` or the server's own word. */
export function failureKind(error: unknown): string {
  if (error instanceof GuardTimeout) return 'timeout'
  if (error instanceof GuardRefused) return error.why === 'breaker' ? 'breaker' : 'overload'
  return serverReply(error)?.word ?? 'connection'
}

/** Whether an error says that the server, rather than one request, is in trouble. */
export function isServerTrouble(error: unknown): boolean {
  const reply = serverReply(error)
  return reply === undefined || reply.reaction === 'unusable'
}
