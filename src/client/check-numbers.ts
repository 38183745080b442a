import { isInt64 } from '../base/int64.ts'
import { RingsideCallError } from './ringside-call-error.ts'

/** Throws `ARGUMENT_INVALID` for a number that cannot travel as it is: a `uint64` that a double holds exactly. */
export function checkNumbers(numbers: Readonly<Record<string, number | undefined>>): void {
  for (const name in numbers) {
    const value = numbers[name]
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) continue
    throw RingsideCallError.invalid(name, `is ${value}; name a whole number from 0 to 2^53 - 1`)
  }
}

/** The same for an `int64`. */
export function checkInt64(numbers: Readonly<Record<string, bigint | undefined>>): void {
  for (const name in numbers) {
    const value = numbers[name]
    if (value !== undefined && !isInt64(value)) throw RingsideCallError.invalid(name, `is ${value}, beyond 64 bits`)
  }
}
