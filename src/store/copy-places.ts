/** Many more than have copies at one time. */
const REMEMBERED = 1_024

/** Where copies of keys lie, remembered as long as that stays so: to find it takes several hashes of the key. */
export class CopyPlaces<Layout, Place> {
  readonly #find: (key: string, count: number, layout: Layout) => readonly Place[]
  readonly #known = new Map<string, { readonly layout: Layout; readonly places: readonly Place[] }>()

  /** `find` names the places of the first `count` copies of a key, or fewer if there are not as many. */
  constructor(find: (key: string, count: number, layout: Layout) => readonly Place[]) {
    this.#find = find
  }

  /** The place of copy `number`, from 1, of a key. `layout`: that from which it follows; what another one said is forgotten. */
  at(key: string, number: number, layout: Layout): Place | undefined {
    const known = this.#known.get(key)
    if (known?.layout === layout && known.places.length >= number) return known.places[number - 1]
    const places = this.#find(key, number, layout)
    if (this.#known.size >= REMEMBERED) this.#known.clear()
    this.#known.set(key, { layout, places })
    return places[number - 1]
  }
}
