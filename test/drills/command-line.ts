import { parseArgs } from 'node:util'
import type { DrillSettings } from './drill-settings.ts'
import { MOST_KEYS, type WorldShape } from './world/world-shape.ts'

/** What each option may be. */
const OPTIONS = {
  sidecars: { least: 1, most: 64 },
  /** The largest number of sidecars that may run. */
  fleet: { least: 1, most: 1_000 },
  shards: { least: 1, most: 16 },
  replicas: { least: 0, most: 4 },
  keys: { least: 1, most: MOST_KEYS },
  skew: { least: 0, most: 2 },
  /** Bytes. */
  value: { least: 1, most: 65_536 },
  /** KiB. */
  near: { least: 0, most: 1_048_576 },
  /** Seconds. */
  bound: { least: 2, most: 600 },
  degraded: { least: 0, most: 3_600 },
  limit: { least: 1, most: 128 },
  batch: { least: 1, most: 10_000 },
  /** Milliseconds. */
  query: { least: 0, most: 1_000 },
  /** A second. */
  rate: { least: 1, most: 100_000 },
  cold: { least: 0, most: 10_000 },
  changes: { least: 0, most: 10_000 },
  /** Milliseconds. */
  deadline: { least: 1, most: 60_000 },
  /** Seconds. */
  baseline: { least: 1, most: 600 },
  fault: { least: 1, most: 600 },
  recovery: { least: 1, most: 600 },
  seed: { least: 1, most: 2 ** 31 },
  runs: { least: 1, most: 100 },
  minutes: { least: 0.5, most: 1_440 },
} as const

type Name = keyof typeof OPTIONS
const NAMES = Object.keys(OPTIONS) as Name[]

/** What a user has asked for: only what was named. */
export interface Asked {
  readonly scenario: string | undefined
  readonly judge: string | undefined
  readonly soak: boolean
  /** Folder for reports; a temporary one if absent. */
  readonly out: string | undefined
  readonly shape: Partial<WorldShape>
  readonly drill: Partial<DrillSettings>
  readonly runs: number | undefined
  readonly minutes: number | undefined
}

/** Throws an error that says what is wrong. */
export function readCommandLine(args: readonly string[]): Asked {
  const numbers = Object.fromEntries(NAMES.map((name) => [name, { type: 'string' } as const]))
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: { ...numbers, scenario: text, judge: text, out: text, soak: { type: 'boolean' } },
  })
  const given = values as Readonly<Record<string, string | undefined>>
  const asked = (name: Name) => (given[name] === undefined ? undefined : checked(name, given[name]))
  return {
    scenario: given.scenario,
    judge: given.judge,
    soak: values.soak === true,
    out: given.out,
    shape: shapeOf(asked),
    drill: settingsOf(asked),
    runs: asked('runs'),
    minutes: asked('minutes'),
  }
}

type Ask = (name: Name) => number | undefined

function shapeOf(asked: Ask): Partial<WorldShape> {
  return named<WorldShape>({
    sidecars: asked('sidecars'),
    fleet: asked('fleet'),
    shards: asked('shards'),
    replicas: asked('replicas'),
    keys: asked('keys'),
    skew: asked('skew'),
    valueBytes: asked('value'),
    nearBytes: times(1024, asked('near')),
    boundMs: times(1_000, asked('bound')),
    degradedMs: times(1_000, asked('degraded')),
    originLimit: asked('limit'),
    batch: asked('batch'),
    loadMs: asked('query'),
  })
}

function settingsOf(asked: Ask): Partial<DrillSettings> {
  return named<DrillSettings>({
    baselineMs: times(1_000, asked('baseline')),
    faultMs: times(1_000, asked('fault')),
    recoveryMs: times(1_000, asked('recovery')),
    perSecond: asked('rate'),
    coldPerSecond: asked('cold'),
    changesPerSecond: asked('changes'),
    deadlineMs: asked('deadline'),
    seed: asked('seed'),
  })
}

const times = (factor: number, number: number | undefined) => (number === undefined ? undefined : number * factor)

function named<Whole>(all: { [Part in keyof Whole]?: Whole[Part] | undefined }): Partial<Whole> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<Whole>
}

function checked(name: Name, text: string): number {
  const { least, most } = OPTIONS[name]
  const number = Number(text)
  if (text.trim() !== '' && number >= least && number <= most) return number
  throw new RangeError(`--${name} takes a number from ${least} to ${most}, not '${text}'`)
}
