import { decodeEpochs, type Epoch, encodeEpochs } from '../epoch.ts'
import type { Beat, Pulse, RingInUse } from '../operations.ts'
import type { Argument } from './redis-pipeline.ts'
import type { ScriptReply } from './scripts.ts'

/** The control key of the life of the shard that has this key, on a ring. */
export const lifeKey = (key: string) => `${key.slice(0, key.indexOf(':'))}:~life`

export const stampKey = (controls: string) => `${controls}stamp`

/** What a shard knows of its own life, in the order of the scripts. */
export function controlKeys(controls: string): readonly string[] {
  const names = ['life', 'beats', 'seen', 'quarantine'].map((name) => controls + name)
  return [...names, stampKey(controls), `${controls}notices`]
}

export function beatKeys({ controls, probe }: Beat): readonly string[] {
  return probe === '' ? controlKeys(controls) : [...controlKeys(controls), probe]
}

export function beatArguments({
  member,
  candidate,
  known,
  report,
  leaves,
  floor,
  ends,
  notice,
  ring,
  versions,
}: Beat): readonly Argument[] {
  return [
    member,
    encodeEpochs(candidate),
    known === undefined ? '' : Buffer.concat([encodeEpochs(known.epoch), Buffer.from(`:${known.list}`)]),
    report === undefined ? '' : encodeEpochs(report.epoch),
    report?.forgot ? '1' : '0',
    leaves ? '1' : '0',
    floor,
    ends === undefined ? '' : encodeEpochs(ends),
    notice,
    ring?.number ?? 0,
    ring?.text ?? '',
    versions,
    ...(report?.missing ?? []),
  ]
}

export function pulseIn(reply: ScriptReply): Pulse {
  const [, , stamp, epoch, accepted, past, last, pastStamp, oldest, joined, list, members, floor, ...rest] = reply
  const [told, rings, age, versions] = rest
  const epochs = decodeEpochs(past as Buffer)
  const names = (members as readonly Buffer[]).map(String)
  return {
    stamp: Number(stamp),
    epoch: decodeEpochs(epoch as Buffer)[0] as Epoch,
    epochAgeMs: Number(age) < 0 ? undefined : Number(age),
    accepted: decodeEpochs(accepted as Buffer),
    past:
      epochs.length === 0
        ? undefined
        : { epochs, last: decodeEpochs(last as Buffer)[0] as Epoch, stamp: Number(pastStamp) },
    oldestStamp: Number(oldest) < 0 ? undefined : Number(oldest),
    joined: Number(joined) === 1,
    floor: Number(floor),
    list: Number(list),
    members: names.length === 0 ? undefined : names,
    notices: pairsIn(told as readonly Buffer[]),
    rings: names.length === 0 ? undefined : ringsIn(String(rings)),
    versions: names.length === 0 ? undefined : String(versions),
  }
}

function pairsIn(flat: readonly Buffer[]): Pulse['notices'] {
  return flat.flatMap((member, place) => (place % 2 === 0 ? [[String(member), String(flat[place + 1])] as const] : []))
}

function ringsIn(lines: string): readonly RingInUse[] {
  const rows = lines.matchAll(/^(\d+) (\d+) (.*)$/gm)
  return Array.from(rows, ([, number, firstVersion, text = '']) => ({
    number: Number(number),
    firstVersion: Number(firstVersion),
    text,
  }))
}
