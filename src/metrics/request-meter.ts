import { Latency } from './latency.ts'
import type { Sample } from './scraped.ts'

interface Counter {
  value: number
}

type Tree<Leaf> = Map<string, Leaf>

/**
 * Counts results and times calls. A keyspace that is not configured counts as `unknown`: callers never choose label
 * values, or they could fill memory with them.
 */
export class RequestMeter {
  readonly #isKeyspace: (name: string) => boolean
  readonly #counters: Tree<Tree<Tree<Tree<Counter>>>> = new Map()
  readonly #latency = new Latency()

  /** `isKeyspace` tells the configured keyspaces; it is asked at every count. */
  constructor(isKeyspace: (name: string) => boolean) {
    this.#isKeyspace = isKeyspace
  }

  /** One result. All but the keyspace are of closed sets. */
  count(method: string, keyspace: string, outcome: string, source: string): void {
    const ofKeyspace = branch(
      this.#counters,
      this.#isKeyspace(keyspace) ? keyspace : 'unknown',
      newTree<Tree<Tree<Counter>>>,
    )
    const ofMethod = branch(ofKeyspace, method, newTree<Tree<Counter>>)
    const ofOutcome = branch(ofMethod, outcome, newTree<Counter>)
    branch(ofOutcome, source, newCounter).value += 1
  }

  /** One call. */
  observe(method: string, seconds: number): void {
    this.#latency.observe(method, seconds)
  }

  /** Latencies by method. */
  get latency(): Latency {
    return this.#latency
  }

  *samples(): Iterable<Sample> {
    for (const [keyspace, methods] of this.#counters) {
      for (const [method, outcomes] of methods) {
        for (const [outcome, sources] of outcomes) {
          for (const [source, { value }] of sources) yield { labels: { keyspace, method, outcome, source }, value }
        }
      }
    }
  }
}

function branch<Leaf>(tree: Tree<Leaf>, name: string, make: () => Leaf): Leaf {
  let leaf = tree.get(name)
  if (leaf === undefined) {
    leaf = make()
    tree.set(name, leaf)
  }
  return leaf
}

function newTree<Leaf>(): Tree<Leaf> {
  return new Map()
}

function newCounter(): Counter {
  return { value: 0 }
}
