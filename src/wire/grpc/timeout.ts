const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 }
const TIMEOUT = /^(\d{1,8})([HMSmun])$/

/** The value of `grpc-timeout` in ms (gRPC over HTTP/2, Requests); `undefined` when it is none. */
export function timeoutMsOf(text: string): number | undefined {
  const [, digits, unit] = TIMEOUT.exec(text) ?? []
  return digits === undefined || unit === undefined ? undefined : Number(digits) * (UNIT_MS[unit] as number)
}

/** What `grpc-timeout` says of so many ms: rounded up, in the finest unit that its 8 digits can hold. */
export function timeoutText(ms: number): string {
  const left = Math.max(0, ms)
  for (const [unit, perMs] of [
    ['n', 1e6],
    ['u', 1e3],
    ['m', 1],
    ['S', 1e-3],
    ['M', 1 / 60_000],
  ] as const) {
    const count = Math.ceil(left * perMs)
    if (count < 1e8) return `${count}${unit}`
  }
  return `${Math.min(99_999_999, Math.ceil(left / 3_600_000))}H`
}
