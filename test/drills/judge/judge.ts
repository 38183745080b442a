import type { DrillSettings } from '../drill-settings.ts'
import type { Page } from '../report/page.ts'
import type { WorldShape } from '../world/world-shape.ts'

export interface JudgeOptions {
  /** What is to be unlike what the judge would choose. */
  readonly shape: Partial<WorldShape>
  readonly drill: Partial<DrillSettings>
  readonly runs: number | undefined
  readonly progress: (text: string) => void
}

/** A measurement with a yardstick: a world of a certain size, a fault, and numbers that may not be passed. */
export interface Judge {
  readonly name: string
  run(options: JudgeOptions): Promise<Omit<Page, 'command'>>
}
