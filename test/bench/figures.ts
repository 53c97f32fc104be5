/** Figures of a run: medians, quantiles, tables. */

export type Table = {
  readonly title: string
  readonly rows: readonly Readonly<Record<string, string | number>>[]
  /** What the specification asks for, in words. */
  readonly target: string
}

/** `share` of 0.5 is the median. NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  if (sorted.length === 0) return Number.NaN
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** Three digits are more than a run is worth. */
export const rounded = (value: number): number => Number(value.toPrecision(3))

export function printed({ title, rows, target }: Table): string {
  const columns = Object.keys(rows[0] ?? {})
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))]
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)))
  const lines = cells.map((row) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  '))
  return `\n${title}\n${lines.join('\n')}\ntarget: ${target}\n`
}
