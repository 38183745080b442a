import { output } from './command.ts'
import { type Pod, SOCKET, TCP } from './pod.ts'

const MIB = 1024 * 1024
/** Config maps swapped, and processes ended, within this. */
const PROMPT_MS = 2_000
const CALLS_IN_FLIGHT = 50
const VALUE_BYTES = 4_096

/** One line of the report. */
export interface Finding {
  readonly what: string
  readonly passed: boolean
  readonly detail: string
}

const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`

/** The container is as locked up as its manifest says. */
export async function isLocked(pod: Pod): Promise<Finding[]> {
  const identity = (await pod.inSidecar('id', '-u')).trim()
  const init = (await pod.inSidecar('cat', '/proc/1/comm')).trim()
  const written = await pod.inSidecar('touch', '/app/x').then(
    () => 'written',
    (error: Error) => (error.message.includes('Read-only') ? 'refused' : error.message),
  )
  const capabilities = /CapEff:\s*(\S+)/.exec(await pod.inSidecar('cat', '/proc/1/status'))?.[1]
  return [
    { what: 'runs as uid 10001', passed: identity === '10001', detail: `uid ${identity}` },
    { what: 'node is PID 1', passed: init === 'node', detail: init },
    { what: 'its root file system is read-only', passed: written === 'refused', detail: written },
    { what: 'it has no capability', passed: /^0+$/.test(capabilities ?? ''), detail: capabilities ?? 'unknown' },
  ]
}

export async function starts(pod: Pod): Promise<Finding> {
  const { at } = await pod.ask('ready')
  const { startedAt } = await pod.state()
  return { what: 'is ready', passed: true, detail: `${at - startedAt} ms after its container was started` }
}

export async function reads(pod: Pod): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [name, target, key] of [
    ['TCP', TCP, '1'],
    ['the Unix socket', SOCKET, '2'],
  ] as const) {
    const [first, second] = await pod.ask('read', target, 'product', key)
    findings.push({
      what: `the app reads through ${name}`,
      passed: first.source === 'SOURCE_ORIGIN' && second.source === 'SOURCE_NEAR' && second.value === first.value,
      detail: `${first.source}, then ${second.source}`,
    })
  }
  return findings
}

/** The near cache holds what the memory of its container is meant to give it, and the container bears that. */
export async function fillsNearCache(pod: Pod, leastBytes: number): Promise<Finding> {
  const before = await pod.ask('page', '/metrics')
  const limit = Number(/^ringside_near_limit_bytes (.*)$/m.exec(before.text)?.[1])
  const count = Math.ceil((1.5 * limit) / VALUE_BYTES)
  const filled = await pod.ask('fill', TCP, String(count), String(VALUE_BYTES))
  const { running, oomKilled } = await pod.state()
  const { most, limit: allowed } = await pod.memory()
  const full = filled.held > 0.9 * filled.limit
  return {
    what: `the near cache is full at a limit of ${mib(allowed)}`,
    passed: filled.held >= leastBytes && full && running && !oomKilled,
    detail: `${mib(filled.held)} of ${mib(filled.limit)} after ${count} values; the container had ${mib(most)} at most`,
  }
}

export async function takesChangedConfig(pod: Pod, config: string, keyspace: string): Promise<Finding> {
  const serving = pod.ask('untilServed', TCP, keyspace)
  // Its reads have begun.
  await pod.ask('read', TCP, 'product', '3')
  const swappedAt = Date.now()
  pod.configure(config)
  const { served, at, reads: count, failures } = await serving
  return {
    what: 'a swapped ConfigMap takes effect in less than 2 s, without a lost read',
    passed: served && at - swappedAt < PROMPT_MS && failures === 0 && at > swappedAt,
    detail: `a new keyspace was ${served ? '' : 'not '}served ${at - swappedAt} ms after the swap; ${failures} of ${count} reads meanwhile failed`,
  }
}

export async function drains(pod: Pod): Promise<Finding> {
  const running = pod.run('inFlight', SOCKET, String(CALLS_IN_FLIGHT))
  await running.firstLine
  const toldAt = Date.now()
  await pod.signal('TERM')
  const { exitCode, finishedAt } = await pod.ended()
  const { outcomes } = JSON.parse((await running.ended).split('\n').at(-1) as string)
  const finished = outcomes.filter((outcome: string) => outcome === 'OUTCOME_FOUND').length
  return {
    what: 'SIGTERM: calls in flight are finished, and it exits 0 within 2 s',
    passed: exitCode === 0 && finished === CALLS_IN_FLIGHT && finishedAt - toldAt < PROMPT_MS,
    detail: `${finished} of ${CALLS_IN_FLIGHT} finished, exit ${exitCode} after ${finishedAt - toldAt} ms`,
  }
}

export async function restartsOverStaleSocket(pod: Pod, socket: string): Promise<Finding> {
  await pod.restart()
  await pod.ask('ready')
  await pod.signal('KILL')
  const { exitCode } = await pod.ended()
  const left = await output('stat', ['-c', '%F', socket]).catch(() => 'nothing')
  await pod.restart()
  const { at } = await pod.ask('ready')
  const { startedAt } = await pod.state()
  const [, answer] = await pod.ask('read', SOCKET, 'product', '4')
  return {
    what: 'killed, it starts again over the socket it left',
    passed: left === 'socket' && answer.outcome === 'OUTCOME_FOUND',
    detail: `exit ${exitCode}, left a ${left}; ready ${at - startedAt} ms after its restart, and answers by the socket`,
  }
}
