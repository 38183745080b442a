import { HeatOrder } from './heat-order.ts'

/** What waits. `group` and `lot` never change; items of one lot of a group may go together. */
export interface Queued {
  readonly group: string
  readonly lot: string
  /** At least 1; the hotter go first. */
  readonly heat: number
}

/** What one caller wants of a group, by lot. */
interface Line<Item> {
  readonly lots: Map<string, HeatOrder<Item>>
  size: number
}

interface Group<Item> {
  /** By caller. */
  readonly lines: Map<string, Line<Item>>
  size: number
}

/**
 * A queue in which nobody's flood delays the others: groups take turns, and in each group its callers. What goes
 * together is filled up from all callers of that group who want something of the same lot, one each in turn. Only those
 * who wait are remembered.
 *
 * Round robin as in Nagle, "On Packet Switches With Infinite Storage" (RFC 970); whoever has nothing left loses its turn,
 * as in deficit round robin (Shreedhar and Varghese, SIGCOMM 1995), so that nobody saves turns up. A turn is one load of
 * however many items, since that is what takes a place.
 */
export class FairQueue<Item extends Queued> {
  /** Insertion order is whose turn it is; so it is in the maps below. */
  readonly #groups = new Map<string, Group<Item>>()
  readonly #callers = new Map<Item, string[]>()

  get size(): number {
    return this.#callers.size
  }

  has(item: Item): boolean {
    return this.#callers.has(item)
  }

  items(): Iterable<Item> {
    return this.#callers.keys()
  }

  /** Lets `item` wait in the line of `caller`; in several lines it goes when the first of them has its turn. */
  put(item: Item, caller: string): void {
    const group = this.#groups.get(item.group) ?? added(this.#groups, item.group, { lines: new Map(), size: 0 })
    const line = group.lines.get(caller) ?? added(group.lines, caller, { lots: new Map(), size: 0 })
    const callers = this.#callers.get(item)
    if (callers?.includes(caller)) return
    if (callers === undefined) {
      this.#callers.set(item, [caller])
      group.size += 1
    } else {
      callers.push(caller)
    }
    line.size += 1
    const lot = line.lots.get(item.lot) ?? added(line.lots, item.lot, new HeatOrder<Item>())
    lot.put(item, item.heat)
  }

  /** Its heat has changed. */
  moved(item: Item): void {
    const group = this.#groups.get(item.group)
    for (const caller of this.#callers.get(item) ?? []) {
      group?.lines.get(caller)?.lots.get(item.lot)?.put(item, item.heat)
    }
  }

  delete(item: Item): void {
    const group = this.#groups.get(item.group)
    const callers = this.#callers.get(item)
    if (group === undefined || callers === undefined) return
    this.#callers.delete(item)
    group.size -= 1
    for (const caller of callers) {
      const line = group.lines.get(caller)
      const lot = line?.lots.get(item.lot)
      if (line === undefined || lot === undefined) continue
      line.size -= 1
      lot.delete(item)
      if (lot.size === 0) line.lots.delete(item.lot)
      if (line.size === 0) group.lines.delete(caller)
    }
    if (group.size === 0) this.#groups.delete(item.group)
  }

  /** Takes out what goes next: 1 to `most` items of one lot, the best first; none when nothing waits. */
  take(most: number): Item[] {
    const taken: Item[] = []
    const [groupName, group] = first(this.#groups)
    const [caller, line] = first(group?.lines)
    const [lot] = first(line?.lots)
    if (group === undefined || line === undefined || lot === undefined) return taken
    let sharing = [...group.lines.values()].flatMap((one) => one.lots.get(lot) ?? [])
    while (sharing.length > 0) {
      for (const items of sharing) {
        const item = taken.length < most ? items.next() : undefined
        if (item === undefined) continue
        this.delete(item)
        taken.push(item)
      }
      sharing = taken.length < most ? sharing.filter(({ size }) => size > 0) : []
    }
    toTheEnd(line.lots, lot)
    toTheEnd(group.lines, caller)
    toTheEnd(this.#groups, groupName)
    return taken
  }

  /** The newest of whoever has most waiting: of the longest line in the largest group. */
  hog(): Item | undefined {
    const group = largest(this.#groups.values())
    const line = group && largest(group.lines.values())
    return line && largest(line.lots.values())?.newest()
  }
}

function added<Value>(map: Map<string, Value>, name: string, value: Value): Value {
  map.set(name, value)
  return value
}

function first<Value>(map: ReadonlyMap<string, Value> | undefined): readonly [string, Value] | readonly [] {
  for (const entry of map ?? []) return entry
  return []
}

function toTheEnd<Value>(map: Map<string, Value>, name: string | undefined): void {
  const value = name === undefined ? undefined : map.get(name)
  if (name === undefined || value === undefined) return
  map.delete(name)
  map.set(name, value)
}

/** Of several the last: its turn comes latest. */
function largest<Value extends { readonly size: number }>(values: Iterable<Value>): Value | undefined {
  let most: Value | undefined
  for (const value of values) if (most === undefined || value.size >= most.size) most = value
  return most
}
