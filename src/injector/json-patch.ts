/** One step of a JSON Patch (RFC 6902). Injection only ever adds. */
export interface AddOperation {
  readonly op: 'add'
  readonly path: string
  readonly value: unknown
}

/** Keys and list positions that lead to a place; `-` stands for the end of a list. */
export type Place = readonly (string | number)[]

/** A JSON Pointer (RFC 6901). */
export function pointer(place: Place): string {
  return place.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/**
 * Writes a patch that only adds, and makes the lists and maps that a document lacks on the way: Kubernetes leaves empty
 * ones out, and a patch whose parent is missing does not apply, which rejects the pod.
 */
export class PatchWriter {
  readonly operations: AddOperation[] = []
  /** The document as the operations so far have left it. */
  readonly #document: unknown

  constructor(document: unknown) {
    this.#document = structuredClone(document)
  }

  /** Sets a key of a map. */
  set(map: Place, key: string, value: unknown): void {
    const found = this.#ensure(map, () => ({})) as Record<string, unknown>
    this.#add([...map, key], value)
    found[key] = value
  }

  /** Puts an item into a list before the one at `index`; at the end unless given. */
  insert(list: Place, value: unknown, index?: number): void {
    const found = this.#ensure(list, () => []) as unknown[]
    this.#add([...list, index ?? '-'], value)
    found.splice(index ?? found.length, 0, value)
  }

  /** What stands at a place; where that is nothing, `make` says what to put there, in the document and in the patch. */
  #ensure(place: Place, make: () => object): unknown {
    if (place.length === 0) return this.#document
    const above = place.slice(0, -1)
    const parent = this.#ensure(above, () => ({})) as Record<string | number, unknown>
    const key = place.at(-1) as string | number
    if (parent[key] !== undefined && parent[key] !== null) return parent[key]
    const made = make()
    // The patch keeps a value of its own: what is added later comes in an operation of its own.
    this.#add(place, make())
    parent[key] = made
    return made
  }

  #add(place: Place, value: unknown): void {
    this.operations.push({ op: 'add', path: pointer(place), value })
  }
}
