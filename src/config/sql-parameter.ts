/** Whether a statement uses the parameter of that number. */
export function usesParameter(statement: string, number: number): boolean {
  return new RegExp(`\\$${number}(?!\\d)`).test(statement)
}
