import { stringify } from 'yaml'
import { ALERTS } from './alerts.ts'
import { RECORDINGS } from './recordings.ts'

const RUNBOOKS = 'docs/runbooks'

/** The page of an alert, from the root of the repository. */
export function runbookOf(alert: string): string {
  const words = alert.replace(/[a-z](?=[A-Z])/g, '$&-').toLowerCase()
  return `${RUNBOOKS}/${words}.md`
}

/** Groups of rules, as Prometheus reads them from a file of its own. */
export function ruleGroups(): object {
  const recordings = RECORDINGS.map(({ record, expr }) => ({ record, expr }))
  const alerts = ALERTS.map(({ alert, expr, for: duration, severity, summary }) => ({
    alert,
    expr,
    for: duration,
    labels: { severity },
    annotations: { summary, runbook: runbookOf(alert) },
  }))
  return {
    groups: [
      { name: 'ringside-recordings', rules: recordings },
      { name: 'ringside-alerts', rules: alerts },
    ],
  }
}

/** The same for the Prometheus operator. */
export function rulesFile(): string {
  const metadata = {
    name: 'ringside',
    namespace: 'ringside-system',
    labels: { 'app.kubernetes.io/part-of': 'ringside' },
  }
  const rule = { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata, spec: ruleGroups() }
  return `# Made by \`npm run generate:monitoring\` from k8s/monitoring.\n${stringify(rule, { lineWidth: 0 })}`
}
