import { writeFileSync } from 'node:fs'
import { dashboard } from './dashboard.ts'
import { rulesFile } from './rules-file.ts'

writeFileSync(new URL('../components/monitoring/rules.yaml', import.meta.url), rulesFile())
writeFileSync(new URL('../components/monitoring/dashboard.json', import.meta.url), dashboard())
