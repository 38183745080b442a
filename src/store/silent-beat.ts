import type { Beat } from './operations.ts'

/** A heartbeat that only listens: one voice among the living is enough for a sidecar. */
export const SILENT_BEAT: Omit<Beat, 'controls' | 'candidate' | 'probe'> = {
  member: '',
  known: undefined,
  report: undefined,
  leaves: false,
  floor: 0,
  notice: '',
  ring: undefined,
  versions: '',
}
