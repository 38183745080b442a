import { type Axis, linearAxis, logarithmicAxis } from './axis.ts'

/** One line of a plot: a number for each second; none where there is nothing to draw. */
export interface Series {
  readonly name: string
  readonly values: readonly (number | undefined)[]
}

export type Window = readonly [from: number, to: number]

export interface Plot {
  readonly title: string
  /** What the vertical axis counts. */
  readonly unit: string
  /** At most four. */
  readonly series: readonly Series[]
  /** When there were faults: from and to, in seconds; equal for one that was over at once. */
  readonly faults: readonly Window[]
  readonly logarithmic?: boolean
  /** A level that must not be passed. */
  readonly limit?: number
  /** The axis reaches at least this far. */
  readonly least?: number
}

const WIDTH = 760
const HEIGHT = 290
const AREA = { left: 70, right: WIDTH - 18, top: 62, bottom: HEIGHT - 44 }
const NARROWEST_FAULT = 2
const LEGEND_KEY = 26
const LETTER = 6.7
const CAPITAL = 8.6
const LEGEND_GAP = 22
const TIME_TICKS = 10

const STYLE = `
text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #3b434b }
.title { font-size: 14px; font-weight: 600; fill: #14181c }
.paper { fill: #ffffff } .grid { stroke: #e3e7eb } .frame { stroke: #9aa4ad; fill: none }
.fault { fill: #d1242f; fill-opacity: 0.1 } .fault-text { fill: #b3202a } .limit { stroke: #b3202a; stroke-dasharray: 2 4 }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round }
.s0 { stroke: #0067a5 } .s1 { stroke: #c65200; stroke-dasharray: 7 4 } .s2 { stroke: #00795a; stroke-dasharray: 2 4 } .s3 { stroke: #80409a; stroke-dasharray: 9 3 2 3 }
@media (prefers-color-scheme: dark) {
text { fill: #aab4be } .title { fill: #e8edf2 } .paper { fill: #0d1117 } .grid { stroke: #232a32 } .frame { stroke: #56616c }
.fault { fill: #ff7b72; fill-opacity: 0.16 } .fault-text { fill: #ff938b } .limit { stroke: #ff938b }
.s0 { stroke: #58b2f0 } .s1 { stroke: #f2935a } .s2 { stroke: #45cfa2 } .s3 { stroke: #cb95e3 }
}`

/** A picture of lines over the seconds of a drill, with the fault's window shaded; for light and dark pages. */
export function plotSvg(plot: Plot): string {
  const { title, unit, series, faults } = plot
  const seconds = Math.max(1, ...series.map(({ values }) => values.length))
  const axis = axisOf(plot)
  const x = (second: number) => round(AREA.left + (second / seconds) * (AREA.right - AREA.left))
  const y = (value: number) => round(AREA.bottom - axis.place(value) * (AREA.bottom - AREA.top))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    `<title>${escaped(title)}</title><style>${STYLE}\n</style>`,
    `<rect class="paper" width="${WIDTH}" height="${HEIGHT}" rx="6"/>`,
    `<text class="title" x="${AREA.left}" y="24">${escaped(title)}</text>`,
    ...legend(series),
    ...axis.ticks.flatMap((tick) => rule(y(tick), tick, unit)),
    ...timeTicks(seconds).map(
      (second) => `<text x="${x(second)}" y="${AREA.bottom + 18}" text-anchor="middle">${second}</text>`,
    ),
    `<text x="${(AREA.left + AREA.right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">seconds since the load began</text>`,
    `<text transform="translate(16 ${(AREA.top + AREA.bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(unit)}</text>`,
    ...faults.map((window) => shade(window, x)),
    ...(faults.length === 1 ? [faultText(faults[0] as Window, x)] : []),
    ...(faults.length > 1
      ? [`<text class="fault-text" x="${AREA.right}" y="43" text-anchor="end">shaded: faults</text>`]
      : []),
    ...(plot.limit === undefined ? [] : limitLine(y(plot.limit), plot.limit)),
    `<rect class="frame" x="${AREA.left}" y="${AREA.top}" width="${AREA.right - AREA.left}" height="${AREA.bottom - AREA.top}"/>`,
    ...series.map(({ values }, index) => `<path class="line s${index}" d="${pathOf(values, x, y)}"/>`),
    '</svg>\n',
  ].join('\n')
}

function axisOf({ series, logarithmic = false, limit = 0, least = 1 }: Plot): Axis {
  const values = series.flatMap((one) => one.values).filter((value) => value !== undefined)
  return logarithmic ? logarithmicAxis(values) : linearAxis([...values, limit], least)
}

function legend(series: readonly Series[]): string[] {
  let at = AREA.left
  return series.map(({ name }, index) => {
    const from = at
    at += LEGEND_KEY + 6 + widthOf(name) + LEGEND_GAP
    const line = `<path class="line s${index}" d="M${round(from)} 39h${LEGEND_KEY}"/>`
    return `${line}<text x="${round(from + LEGEND_KEY + 6)}" y="43">${escaped(name)}</text>`
  })
}

function shade([from, to]: Window, x: (second: number) => number): string {
  const width = Math.max(NARROWEST_FAULT, round(x(to) - x(from)))
  return `<rect class="fault" x="${x(from)}" y="${AREA.top}" width="${width}" height="${AREA.bottom - AREA.top}"/>`
}

function faultText([from, to]: Window, x: (second: number) => number): string {
  const middle = Math.max((x(from) + x(to)) / 2, x(from) + NARROWEST_FAULT / 2)
  return `<text class="fault-text" x="${round(middle)}" y="${AREA.top - 5}" text-anchor="middle">fault</text>`
}

function rule(y: number, tick: number, unit: string): string[] {
  const text = unit === '%' ? `${shown(tick)} %` : shown(tick)
  return [
    `<path class="grid" d="M${AREA.left} ${y}H${AREA.right}"/>`,
    `<text x="${AREA.left - 8}" y="${round(y + 4)}" text-anchor="end">${text}</text>`,
  ]
}

const limitLine = (y: number, limit: number): string[] => [
  `<path class="limit" d="M${AREA.left} ${y}H${AREA.right}"/>`,
  `<text class="fault-text" x="${AREA.right - 6}" y="${round(y + 14)}" text-anchor="end">limit ${limit}</text>`,
]

function timeTicks(seconds: number): number[] {
  const step = [1, 2, 5, 10, 20, 30, 60].find((one) => seconds / one <= TIME_TICKS) ?? 120
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step)
}

/** A line through the middles of the seconds, interrupted where there is no number. */
function pathOf(
  values: readonly (number | undefined)[],
  x: (second: number) => number,
  y: (value: number) => number,
): string {
  let draws = false
  const steps = values.map((value, second) => {
    if (value === undefined) {
      draws = false
      return ''
    }
    const step = `${draws ? 'L' : 'M'}${x(second + 0.5)} ${y(value)}${draws ? '' : 'h0.01'}`
    draws = true
    return step
  })
  return steps.join('')
}

/** About, as nobody can measure it here. */
const widthOf = (text: string): number =>
  [...text].reduce((sum, letter) => sum + (/[A-Z_]/.test(letter) ? CAPITAL : LETTER), 0)

const round = (pixels: number): number => Math.round(pixels * 10) / 10
const shown = (number: number): string => Number(number.toPrecision(3)).toLocaleString('en')
const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
