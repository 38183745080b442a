/** The command that runs a program of this folder. */
export function tsx(file: string, ...args: readonly (string | number)[]): string[] {
  return [process.execPath, '--import', 'tsx', `test/bench/${file}`, ...args.map(String)]
}
