import { quoted } from '../base/quoted.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A text with its `${NAME}` replaced. */
export interface Expansion {
  readonly text: string
  /** The text with `***` in place of every variable's value; `undefined` if it had no variable. */
  readonly masked: string | undefined
  /** What is wrong with its variables, as ends of sentences. */
  readonly flaws: readonly string[]
}

const REFERENCE = /(\$?)\$\{(?:([^}]*)\})?/g
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Replaces `${NAME}` once, so that a value is not searched for variables itself; `$${` stands for a literal `${`. */
export function expandVariables(text: string, env: Environment): Expansion {
  const flaws: string[] = []
  let found = false
  const expanded = text.replaceAll(REFERENCE, (match, escaping: string, name: string | undefined) => {
    if (escaping !== '') return match.slice(1)
    found = true
    const flaw = flawOf(name, env)
    if (flaw !== undefined) flaws.push(flaw)
    return env[name ?? ''] ?? ''
  })
  const masked = text.replaceAll(REFERENCE, (match, escaping: string) => (escaping === '' ? '***' : match.slice(1)))
  return { text: expanded, masked: found ? masked : undefined, flaws }
}

function flawOf(name: string | undefined, env: Environment): string | undefined {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own syntax
  if (name === undefined) return 'has a ${ without its }; write $${ for a literal ${'
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own syntax
  if (name === '') return 'has a ${} that names no variable; write ${NAME}, or $${ for a literal ${'
  if (!NAME.test(name)) return `refers to ${quoted(name)}, which cannot name a variable; use letters, digits and _`
  if (Object.hasOwn(env, name) && env[name] !== undefined) return undefined
  return `needs the environment variable ${name}, which is not set; set it, or write $\${${name}} for the literal text`
}
