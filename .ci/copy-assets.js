// Copies what `tsc` leaves behind (Lua scripts, the embedded configuration and catalogue) next to the compiled code.
import { cpSync, statSync } from 'node:fs'

cpSync('src', 'dist', {
  recursive: true,
  filter: (path) => statSync(path).isDirectory() || !path.endsWith('.ts'),
})
