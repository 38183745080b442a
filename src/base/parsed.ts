/** What reading a text gives: the value, or what is wrong with the text as the end of a sentence ("must be …"). */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string }
