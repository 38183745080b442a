import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { fileSchema } from './file-schema.ts'

/** The JSON Schema of the configuration file, for editors: draft 7, which they all know. */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(fileSchema, { io: 'input', target: 'draft-7' })
  return { title: 'Configuration of a Ringside sidecar', ...schema }
}

/** The text of docs/config.schema.json. */
export function configJsonSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(configJsonSchemaText())
