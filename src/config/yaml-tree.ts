import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from 'yaml'
import { type Path, pathId } from './path.ts'
import type { Report } from './problem.ts'
import { type Environment, expandVariables } from './variables.ts'

// Far above any real configuration: what stops a cycle or an explosion of aliases.
const MOST_LEVELS = 20
const MOST_NODES = 100_000

/** A YAML text as plain data, its variables replaced, with the places of everything in it. */
export interface YamlTree {
  /** Maps as plain objects; `undefined` where the text cannot be read. */
  readonly value: unknown
  /** Whether the text is well-formed enough to judge what it says. */
  readonly readable: boolean
  /** Paths whose text cannot be used, for instance for want of a variable. They are reported already. */
  readonly broken: Set<string>
  /** The line of the path, or of the closest part above it that is written. */
  lineOf(path: Path): number | undefined
  /** The text at the path with its variables' values masked; `undefined` if it has none. */
  maskedAt(path: Path): string | undefined
}

/** Reads a YAML 1.2 text and reports what is wrong with it. Never throws. */
export function readYaml(text: string, env: Environment, report: Report): YamlTree {
  const lineCounter = new LineCounter()
  const builder = new TreeBuilder(lineCounter, env, report)
  const document = parse(text, lineCounter, report)
  const value = document === undefined ? undefined : builder.build(document.contents, document)
  return {
    value,
    readable: document !== undefined,
    broken: builder.broken,
    lineOf: (path) => builder.lineOf(path),
    maskedAt: (path) => builder.masked.get(pathId(path)),
  }
}

function parse(text: string, lineCounter: LineCounter, report: Report): Document | undefined {
  let document: Document
  try {
    document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, logLevel: 'error' })
  } catch {
    report([], 'is not readable as YAML; it is probably nested too deeply')
    return undefined
  }
  const flaws = [...document.errors, ...document.warnings]
  const told = new Set<number>()
  for (const { message, pos } of flaws) {
    const { line } = lineCounter.linePos(pos[0])
    // What follows on the same line is but its consequence.
    if (told.has(line)) continue
    told.add(line)
    // The parser quotes the text in places, and that may be a secret.
    const unquoted = message.replaceAll(/"(?:[^"\\]|\\.)*"/g, '…')
    report([], `is not valid YAML: ${unquoted}`, line)
  }
  return flaws.length === 0 ? document : undefined
}

class TreeBuilder {
  readonly broken = new Set<string>()
  readonly masked = new Map<string, string>()
  readonly #lines = new Map<string, number>()
  readonly #lineCounter: LineCounter
  readonly #env: Environment
  readonly #report: Report
  #document: Document | undefined
  #nodes = 0

  constructor(lineCounter: LineCounter, env: Environment, report: Report) {
    this.#lineCounter = lineCounter
    this.#env = env
    this.#report = report
  }

  build(contents: unknown, document: Document): unknown {
    this.#document = document
    const value = this.#read(contents, [])
    if (this.#nodes > MOST_NODES) this.#report([], `has more than ${MOST_NODES} values, counting aliases; write less`)
    return value
  }

  lineOf(path: Path): number | undefined {
    for (let length = path.length; length > 0; length -= 1) {
      const line = this.#lines.get(pathId(path.slice(0, length)))
      if (line !== undefined) return line
    }
    return undefined
  }

  #read(node: unknown, path: Path): unknown {
    this.#nodes += 1
    if (this.#nodes > MOST_NODES) return undefined
    if (path.length > MOST_LEVELS) return this.#break(path, `is nested more than ${MOST_LEVELS} levels deep`)
    if (isMap(node)) return this.#readMap(node.items, path)
    if (isSeq(node)) return node.items.map((item, index) => this.#readItem(item, [...path, index]))
    if (isAlias(node)) return this.#readAlias(node, path)
    if (!isScalar(node)) return null
    return typeof node.value === 'string' ? this.#expand(node.value, path) : node.value
  }

  #readAlias(alias: Alias, path: Path): unknown {
    const target = this.#document && alias.resolve(this.#document)
    return target === undefined
      ? this.#break(path, 'refers to an anchor that does not exist')
      : this.#read(target, path)
  }

  #readItem(item: unknown, path: Path): unknown {
    this.#place(path, item)
    return this.#read(item, path)
  }

  #readMap(pairs: readonly Pair[], path: Path): object {
    const entries = new Map<string, unknown>()
    for (const pair of pairs) {
      const key = keyOf(pair)
      const line = this.#lineAt(pair.key)
      if (key === undefined) {
        this.#report(path, 'has a key that is no plain text; write keys as plain text', line)
      } else if (key === '__proto__') {
        // It would set the prototype wherever it is assigned instead of defined.
        this.#report([...path, key], 'cannot be a key; use another', line)
      } else if (entries.has(key)) {
        this.#report([...path, key], `is written twice, first on line ${this.lineOf([...path, key])}; keep one`, line)
      } else {
        this.#place([...path, key], pair.key)
        entries.set(key, this.#read(pair.value, [...path, key]))
      }
    }
    return Object.fromEntries(entries)
  }

  #expand(text: string, path: Path): unknown {
    const { text: expanded, masked, flaws } = expandVariables(text, this.#env)
    if (masked !== undefined) this.masked.set(pathId(path), masked)
    for (const flaw of flaws) this.#break(path, flaw)
    return expanded
  }

  #break(path: Path, message: string): undefined {
    this.broken.add(pathId(path))
    this.#report(path, message)
  }

  #place(path: Path, node: unknown): void {
    const line = this.#lineAt(node)
    if (line !== undefined) this.#lines.set(pathId(path), line)
  }

  #lineAt(node: unknown): number | undefined {
    const offset = (node as Node | null | undefined)?.range?.[0]
    return offset === undefined ? undefined : this.#lineCounter.linePos(offset).line
  }
}

/** The key as it is written: `007` names a keyspace "007", not 7. */
function keyOf(pair: Pair): string | undefined {
  if (!isScalar(pair.key)) return undefined
  if (typeof pair.key.value === 'string') return pair.key.value
  return pair.key.source ?? String(pair.key.value)
}
