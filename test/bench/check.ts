/** A bar that `npm run bench -- --check` holds the run to. */
export interface Check {
  readonly name: string
  readonly passed: boolean
  readonly detail: string
}
