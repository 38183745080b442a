import { parseArgs } from 'node:util'
import type { DrillOptions } from './drill.ts'
import { MOST_KEYS, USUAL_WORLD, type WorldShape } from './world/world-shape.ts'

/** What each option stands for, and what it is where it is not given. */
const OPTIONS = {
  sidecars: { default: USUAL_WORLD.sidecars, least: 1, most: 64 },
  shards: { default: USUAL_WORLD.shards, least: 1, most: 16 },
  replicas: { default: USUAL_WORLD.replicas, least: 0, most: 4 },
  keys: { default: USUAL_WORLD.keys, least: 1, most: MOST_KEYS },
  skew: { default: USUAL_WORLD.skew, least: 0, most: 2 },
  /** Bytes. */
  value: { default: USUAL_WORLD.valueBytes, least: 1, most: 65_536 },
  /** KiB. */
  near: { default: USUAL_WORLD.nearBytes / 1024, least: 0, most: 1_048_576 },
  /** Seconds. */
  bound: { default: USUAL_WORLD.boundMs / 1_000, least: 2, most: 600 },
  degraded: { default: USUAL_WORLD.degradedMs / 1_000, least: 0, most: 3_600 },
  limit: { default: USUAL_WORLD.originLimit, least: 1, most: 128 },
  batch: { default: USUAL_WORLD.batch, least: 1, most: 10_000 },
  /** Milliseconds. */
  query: { default: USUAL_WORLD.loadMs, least: 0, most: 1_000 },
  /** A second. */
  rate: { default: 1_000, least: 1, most: 100_000 },
  cold: { default: 0, least: 0, most: 10_000 },
  changes: { default: 20, least: 0, most: 10_000 },
  /** Milliseconds. */
  deadline: { default: 2_000, least: 1, most: 60_000 },
  /** Seconds. */
  baseline: { default: 10, least: 1, most: 600 },
  fault: { default: 15, least: 1, most: 600 },
  recovery: { default: 20, least: 1, most: 600 },
  seed: { default: 1, least: 1, most: 2 ** 31 },
} as const

type Name = keyof typeof OPTIONS
const NAMES = Object.keys(OPTIONS) as Name[]

/** What a user has asked for. */
export interface Asked {
  readonly scenario: string | undefined
  /** Folder for reports; a temporary one if absent. */
  readonly out: string | undefined
  /** What was named on the command line. */
  readonly shape: Partial<WorldShape>
  readonly drill: Omit<DrillOptions, 'scenario' | 'shape' | 'progress'>
}

/** Throws a `RangeError` that says what is wrong. */
export function readCommandLine(args: readonly string[]): Asked {
  const numbers = Object.fromEntries(NAMES.map((name) => [name, { type: 'string' } as const]))
  const { values } = parseArgs({
    args: [...args],
    options: { scenario: { type: 'string' }, out: { type: 'string' }, ...numbers },
  })
  const given = values as Readonly<Record<string, string | undefined>>
  const asked = (name: Name) => (given[name] === undefined ? undefined : checked(name, given[name]))
  const number = (name: Name) => asked(name) ?? OPTIONS[name].default
  return {
    scenario: given.scenario,
    out: given.out,
    shape: shapeOf(asked),
    drill: {
      baselineMs: number('baseline') * 1_000,
      faultMs: number('fault') * 1_000,
      recoveryMs: number('recovery') * 1_000,
      perSecond: number('rate'),
      coldPerSecond: number('cold'),
      changesPerSecond: number('changes'),
      deadlineMs: number('deadline'),
      seed: number('seed'),
    },
  }
}

function shapeOf(asked: (name: Name) => number | undefined): Partial<WorldShape> {
  const times = (name: Name, factor: number) => {
    const number = asked(name)
    return number === undefined ? undefined : number * factor
  }
  const all: { [Part in keyof WorldShape]?: WorldShape[Part] | undefined } = {
    sidecars: asked('sidecars'),
    shards: asked('shards'),
    replicas: asked('replicas'),
    keys: asked('keys'),
    skew: asked('skew'),
    valueBytes: asked('value'),
    nearBytes: times('near', 1024),
    boundMs: times('bound', 1_000),
    degradedMs: times('degraded', 1_000),
    originLimit: asked('limit'),
    batch: asked('batch'),
    loadMs: asked('query'),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function checked(name: Name, text: string): number {
  const { least, most } = OPTIONS[name]
  const number = Number(text)
  if (text.trim() !== '' && number >= least && number <= most) return number
  throw new RangeError(`--${name} takes a number from ${least} to ${most}, not '${text}'`)
}
