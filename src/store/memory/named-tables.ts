/** Tables by name, each as it is now. */
export function copiesOf<Table extends { copy(): Table }>(tables: ReadonlyMap<string, Table>): Map<string, Table> {
  return new Map([...tables].map(([name, table]) => [name, table.copy()]))
}

/** The table of that name, made where there is none yet. */
export function tableIn<Table>(tables: Map<string, Table>, name: string, make: () => Table): Table {
  const known = tables.get(name) ?? make()
  tables.set(name, known)
  return known
}
