import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type LoadResult, loadConfig } from './load-config.ts'
import type { Environment } from './variables.ts'

/** The configuration of a sidecar that was given none. */
export const EMBEDDED_CONFIG = fileURLToPath(new URL('embedded.yaml', import.meta.url))

/** Reads the configuration file at `path`; an unreadable file is a problem like any other. */
export async function readConfig(path: string, env: Environment): Promise<LoadResult> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    const message = `cannot be read (${why}); give the path of a YAML file that the sidecar may read`
    return { ok: false, problems: [{ path: '(file)', line: undefined, message }] }
  }
  return loadConfig(text, { env, file: path })
}
