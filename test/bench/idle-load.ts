// Opens connections, makes one Get on each and stays, silent.  argv: address, key of keyspace `near`, connections
import { framedGet } from './get-message.ts'
import { RawConnection } from './raw-connection.ts'

const WINDOW_BYTES = 65_535
/** So many connect at once: a listener's backlog is no part of what is measured. */
const BATCH = 100

const [address, key, count] = process.argv.slice(2)
const body = framedGet({ keyspace: 'near', key: key as string })
const buffer = Buffer.allocUnsafeSlow(64 << 10)

async function open(): Promise<void> {
  let answered: (bytes: number) => void = () => undefined
  const answer = new Promise<number>((resolve) => {
    answered = resolve
  })
  const onEnd = (_stream: number, bytes: number) => answered(bytes)
  const connection = new RawConnection({ address: address as string, windowBytes: WINDOW_BYTES, buffer, onEnd })
  await connection.ready
  connection.get(body)
  connection.flush()
  if ((await answer) <= 0) throw new Error('a connection got no answer')
}

for (let left = Number(count); left > 0; left -= BATCH) {
  await Promise.all(Array.from({ length: Math.min(left, BATCH) }, open))
}
process.stdout.write('open\n')
// Sockets alone keep a process up; this one stays until it is stopped.
setInterval(() => undefined, 1 << 30)
