import { createHash } from 'node:crypto'
import HashRing from 'hashring'

export interface RingNode {
  readonly name: string
  /** A whole number above 0; shares of the keys are in proportion to it. */
  readonly weight: number
}

/**
 * Virtual nodes per unit of weight; each makes four points on the ring. hashring's default of 40 leaves shares off by a
 * fifth; with 1,000 they stay within a few percent. hashring drops its own `weight` where `vnodes` is given.
 */
const VIRTUAL_NODES = 1_000

/** How many keys' homes are remembered: a lookup by md5 costs some microseconds, a remembered one a tenth of that. */
const REMEMBERED_HOMES = 20_000

/** In what somebody else calls a ring: a larger one would only take memory. */
const LARGEST_WEIGHT = 1_000

/**
 * A consistent-hash ring (ketama) that maps a key to its home node. Immutable: a change of nodes makes a new ring.
 * Algorithm: Karger et al., "Consistent Hashing and Random Trees", STOC 1997; points as in libketama.
 */
export class Ring {
  readonly nodes: readonly RingNode[]
  /** Rings with the same nodes and weights, in whatever order, have the same: 16 hexadecimal digits. */
  readonly hash: string
  readonly #nodesInWords: string
  /** Made when the first home is asked for: its points take milliseconds. */
  #points: HashRing | undefined
  readonly #unit: number
  readonly #names = new Map<string, string>()

  /** Throws a `RangeError` on no nodes, on two of one name and on a weight that is no whole number above 0. */
  constructor(nodes: readonly RingNode[]) {
    if (nodes.length === 0) throw new RangeError('a ring needs at least one node')
    if (new Set(nodes.map((node) => node.name)).size !== nodes.length) throw new RangeError('two nodes of one name')
    this.nodes = nodes
    this.#nodesInWords = nodes
      .map(({ name, weight }) => `${name}=${weight}`)
      .sort()
      .join(' ')
    this.hash = createHash('sha256').update(this.#nodesInWords).digest('hex').slice(0, 16)
    this.#unit = nodes.map((node) => weightOf(node)).reduce(greatestCommonDivisor)
    for (const { name } of nodes) this.#names.set(point(name), name)
  }

  /** What `toString` says of a ring, as a ring; `undefined` where that makes no sense. */
  static parse(text: string): Ring | undefined {
    const nodes = text.split(' ').slice(1).map(nodeIn)
    if (nodes.some(({ weight }) => weight > LARGEST_WEIGHT)) return undefined
    try {
      const ring = new Ring(nodes)
      return ring.toString() === text ? ring : undefined
    } catch {
      return undefined
    }
  }

  /** `hash name=weight name=weight …`: the same for rings with the same nodes and weights. */
  toString(): string {
    return `${this.hash} ${this.#nodesInWords}`
  }

  /** The node where a key lives. */
  home(key: string): string {
    return this.#name(this.#ring.get(key))
  }

  /** The home of a key and the `count` distinct nodes that follow it on the ring, fewer if there are not as many. */
  homeAndNext(key: string, count: number): readonly string[] {
    return this.#ring.range(key, count + 1, true).map((server) => this.#name(server))
  }

  get #ring(): HashRing {
    this.#points ??= this.#pointsOfNodes()
    return this.#points
  }

  #pointsOfNodes(): HashRing {
    const weighted: Record<string, { vnodes: number }> = {}
    for (const { name, weight } of this.nodes) {
      weighted[point(name)] = { vnodes: (weight / this.#unit) * VIRTUAL_NODES }
    }
    return new HashRing(weighted, 'md5', { 'max cache size': REMEMBERED_HOMES })
  }

  #name(server: string): string {
    const name = this.#names.get(server)
    if (name === undefined) throw new Error(`hashring answered an unknown node ${server}`)
    return name
  }
}

/** hashring reads `host:port` out of a node's name: names are given to it in a form in which it finds neither. */
function point(name: string): string {
  return `${encodeURIComponent(name)}:1`
}

function nodeIn(word: string): RingNode {
  const end = word.lastIndexOf('=')
  return { name: word.slice(0, end), weight: Number(word.slice(end + 1)) }
}

function weightOf({ name, weight }: RingNode): number {
  if (!Number.isInteger(weight) || weight < 1) throw new RangeError(`weight of ${name} is ${weight}`)
  return weight
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
