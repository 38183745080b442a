// A plain @grpc/grpc-js client in a container of its own. Each command prints what came of it as one line of JSON.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setInterval as every } from 'node:timers/promises'
import { credentials, loadPackageDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

const definition = loadSync('ringside/v1/cache.proto', { includeDirs: ['/app/proto'], enums: String, longs: Number })
const { Cache } = loadPackageDefinition(definition).ringside.v1
const DEADLINE_MS = 5_000
/** How long calls are repeated that are refused, or not served yet. */
const PATIENCE_MS = 30_000

function connect(target) {
  const cache = new Cache(target, credentials.createInsecure())
  return (method, request) =>
    new Promise((resolve, reject) => {
      const deadline = Date.now() + DEADLINE_MS
      cache[method](request, { deadline }, (error, answer) => (error ? reject(error) : resolve(answer)))
    })
}

const page = async (path) => (await fetch(`http://127.0.0.1:7401${path}`)).text()
const sample = async (name) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(await page('/metrics'))?.[1] ?? 0)

/** Waits for a condition, asking often. */
async function until(condition) {
  const giveUpAt = Date.now() + PATIENCE_MS
  for await (const _ of every(5)) {
    if (await condition().catch(() => false)) return
    if (Date.now() > giveUpAt) throw new Error('it has not come about')
  }
}

const commands = {
  /** What the pod's main process does: nothing, until it is told to stop. */
  async idle() {
    const told = once(process, 'SIGTERM')
    // A signal that may come keeps no process alive.
    const alive = setInterval(() => undefined, 60_000)
    await told
    clearInterval(alive)
    return { stopped: true }
  },

  /** When the sidecar has become ready. */
  async ready() {
    await until(async () => (await fetch('http://127.0.0.1:7401/readyz')).status === 200)
    return { at: Date.now() }
  },

  async page(path) {
    return { text: await page(path) }
  },

  /** One key, twice. */
  async read(target, keyspace, key) {
    const call = connect(target)
    const answers = [await call('Get', { keyspace, key }), await call('Get', { keyspace, key })]
    return answers.map(({ outcome, source, value }) => ({ outcome, source, value: value.toString() }))
  },

  /** Sets keys and reads them until the near cache is as full as it gets; then reads them all once more. */
  async fill(target, count, bytes) {
    const call = connect(target)
    const keys = Array.from({ length: Number(count) }, (_, index) => `key-${index}`)
    const each = async (run) => {
      const waiting = [...keys]
      const worker = async () => {
        for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) await run(key)
      }
      await Promise.all(Array.from({ length: 16 }, worker))
    }
    const patiently = async (method, request) => {
      let answer
      await until(async () => {
        answer = await call(method, { keyspace: 'session', ...request }).catch((error) => error)
        if (answer instanceof Error) refused += 1
        return !(answer instanceof Error)
      })
      return answer
    }
    let refused = 0
    const read = (key) => patiently('Get', { key })
    await each((key) => patiently('Set', { key, value: randomBytes(Number(bytes)) }))
    await each(read)
    await each(read)
    const sources = {}
    await each(async (key) => {
      const { source } = await read(key)
      sources[source] = (sources[source] ?? 0) + 1
    })
    const [held, limit] = [await sample('ringside_near_bytes'), await sample('ringside_near_limit_bytes')]
    return { held, limit, sources, refused }
  },

  /** Reads one key without a pause until another keyspace is answered, too: when that was, and what became of the reads. */
  async untilServed(target, keyspace) {
    const call = connect(target)
    let [reads, failures, at] = [0, 0, 0]
    const reading = (async () => {
      while (at === 0) {
        await call('Get', { keyspace: 'product', key: '1' }).catch(() => (failures += 1))
        reads += 1
      }
    })()
    const isServed = async () => (await call('Get', { keyspace, key: '1' })).outcome !== ''
    const served = await until(isServed).then(
      () => true,
      () => false,
    )
    at = Date.now()
    await reading
    return { served, at, reads, failures }
  },

  /** Cold reads of an origin that takes its time, all sent at once: how each ended. */
  async inFlight(target, count) {
    const call = connect(target)
    await call('Get', { keyspace: 'product', key: '1' })
    const calls = Array.from({ length: Number(count) }, (_, index) =>
      call('Get', { keyspace: 'slow', key: String(index + 1) }).then(
        ({ outcome }) => outcome,
        (error) => error.details,
      ),
    )
    await until(async () => (await sample('ringside_requests_in_flight')) >= Number(count))
    process.stdout.write(`${JSON.stringify({ underWay: Number(count) })}\n`)
    return { outcomes: await Promise.all(calls), at: Date.now() }
  },
}

const [command = 'idle', ...args] = process.argv.slice(2)
process.stdout.write(`${JSON.stringify(await commands[command](...args))}\n`)
process.exit(0)
