import { keySlot, SLOTS } from './key-slot.ts'

let tags: readonly string[] | undefined

/** For each slot the same short text that falls into it: `{tag}` in a name puts a key there. */
export function slotTags(): readonly string[] {
  tags ??= findTags()
  return tags
}

function findTags(): readonly string[] {
  const found = new Array<string | undefined>(SLOTS)
  let missing = SLOTS
  for (let number = 0; missing > 0; number += 1) {
    const tag = number.toString(36)
    const slot = keySlot(tag)
    if (found[slot] !== undefined) continue
    found[slot] = tag
    missing -= 1
  }
  return found as readonly string[]
}
