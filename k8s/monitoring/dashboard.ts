import { type Panel, ROWS, type Row } from './panels.ts'

const COLUMNS = 24
const HEIGHT = 8
const ROW_HEIGHT = 1
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana puts its own variable in.
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' }

/** The dashboard for Grafana 10 and 11. */
export function dashboard(): string {
  return `${JSON.stringify({ ...FRAME, panels: [...laidOut(ROWS)] }, null, 2)}\n`
}

const FRAME = {
  uid: 'ringside',
  title: 'Ringside',
  tags: ['ringside'],
  schemaVersion: 38,
  version: 1,
  editable: true,
  graphTooltip: 1,
  refresh: '30s',
  timezone: '',
  time: { from: 'now-1h', to: 'now' },
  templating: {
    list: [
      { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', hide: 0 },
      variable('namespace', 'Namespace', 'label_values(ringside_config_in_force, namespace)'),
      variable('pod', 'Pod', 'label_values(ringside_config_in_force{namespace=~"$namespace"}, pod)'),
    ],
  },
  annotations: { list: [] },
  links: [],
}

function variable(name: string, label: string, query: string): object {
  return {
    ...{ name, label, type: 'query', datasource: DATASOURCE, query, definition: query },
    ...{ multi: true, includeAll: true, allValue: '.*', refresh: 2, sort: 1, hide: 0 },
    current: { selected: true, text: 'All', value: '$__all' },
  }
}

/** Rows from the top down, and the panels of each beside one another, as wide as there is room. */
function* laidOut(rows: readonly Row[]): Iterable<object> {
  let [id, y] = [1, 0]
  for (const { title, panels } of rows) {
    yield {
      id: id++,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: COLUMNS, h: ROW_HEIGHT },
    }
    y += ROW_HEIGHT
    const width = Math.floor(COLUMNS / panels.length)
    for (const [place, panel] of panels.entries()) {
      yield { id: id++, ...graph(panel), gridPos: { x: place * width, y, w: width, h: HEIGHT } }
    }
    y += HEIGHT
  }
}

function graph({ title, unit, queries, description }: Panel): object {
  return {
    type: 'timeseries',
    title,
    ...(description === undefined ? {} : { description }),
    datasource: DATASOURCE,
    fieldConfig: { defaults: { unit, min: 0, custom: { lineWidth: 1, fillOpacity: 10 } }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom', showLegend: true }, tooltip: { mode: 'multi' } },
    targets: queries.map(({ expr, legend }, place) => ({
      ...{ refId: String.fromCharCode('A'.charCodeAt(0) + place), datasource: DATASOURCE },
      ...{ expr, legendFormat: legend, range: true },
    })),
  }
}
