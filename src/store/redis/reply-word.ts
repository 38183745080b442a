/** The server answered something that its script never says. */
export class NonsenseReply extends Error {
  override readonly name = 'NonsenseReply'
}

/** The word of a reply, one of those that its script may say. Throws a `NonsenseReply` for any other. */
export function oneOf<Word extends string>(word: Buffer, known: readonly Word[]): Word {
  const text = word.toString()
  const found = known.find((one) => one === text)
  if (found === undefined) throw new NonsenseReply(`the server answered ${text}, not one of ${known.join(', ')}`)
  return found
}
