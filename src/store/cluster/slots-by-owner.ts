/** The slots of each owner, in rising order. */
export function slotsByOwner(owners: readonly (string | undefined)[]): ReadonlyMap<string, readonly number[]> {
  const slots = new Map<string, number[]>()
  for (const [slot, owner] of owners.entries()) {
    if (owner === undefined) continue
    const own = slots.get(owner)
    if (own === undefined) slots.set(owner, [slot])
    else own.push(slot)
  }
  return slots
}
