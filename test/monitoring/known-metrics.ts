import { readFileSync } from 'node:fs'

/** Labels that Prometheus adds to whatever it scrapes in Kubernetes. */
const TARGET_LABELS = ['namespace', 'pod', 'job', 'instance']
/** Of the library that tells of the process. */
const PROCESS_METRICS = ['process_resident_memory_bytes', 'process_cpu_seconds_total']

/** Labels of every metric that exists, by its name: tests of their own keep these tables and the pages the same. */
export function knownMetrics(): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map(PROCESS_METRICS.map((name) => [name, new Set(TARGET_LABELS)]))
  for (const page of ['docs/metrics.md', 'docs/kubernetes.md']) {
    for (const [, name, type, labels] of readFileSync(page, 'utf8').matchAll(
      /^\| `(ringside_\w+)` \| (\w+) \| (.*?) ?\| /gm,
    )) {
      const own = [...(labels as string).matchAll(/`(\w+)`/g)].map(([, label]) => label as string)
      const all = new Set([...own, ...TARGET_LABELS])
      const parts = type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
      for (const part of parts) known.set(`${name}${part}`, part === '_bucket' ? new Set([...all, 'le']) : all)
    }
  }
  return known
}

/** The metrics of an expression, each with the labels that it is asked by. */
export function askedMetrics(expr: string): readonly { readonly name: string; readonly labels: readonly string[] }[] {
  return [...expr.matchAll(/\b((?:ringside|process)_\w+)\b(?:\{([^}]*)\})?/g)].map(([, name, matchers = '']) => ({
    name: name as string,
    labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label as string),
  }))
}

/** What of an expression does not exist: names, and labels asked or grouped by. */
export function unknownIn(expr: string): readonly string[] {
  const known = knownMetrics()
  const asked = askedMetrics(expr)
  const every = new Set(asked.flatMap(({ name }) => [...(known.get(name) ?? [])]))
  const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => (list as string).split(/,\s*/))
  return [
    ...asked.filter(({ name }) => !known.has(name)).map(({ name }) => name),
    ...asked.flatMap(({ name, labels }) => labels.filter((label) => known.get(name)?.has(label) === false)),
    ...(every.size === 0 ? [] : grouped.filter((label) => !every.has(label))),
  ]
}
