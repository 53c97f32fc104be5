/** Words that every list shares: its pages, its columns, what leaves as a file, what several rows can be told at once. */
import { count } from '../format'

export const listText = {
  older: 'Older',
  newest: 'Newest',
  working: 'Working…',
  columns: 'Columns',
  columnsShown: 'Shown',
  export: 'Export',
  exportAs: (list: string, format: string) => `Export ${list} as ${format}`,
  exportLead: 'All rows of this filter, with a line of totals.',
  onlyHttp: 'Over the HTTP door only.',
  further: (inForce: number) => (inForce === 0 ? 'More filters' : `More filters, ${count(inForce)} in force`),
  chooseAll: 'Choose all rows of this page',
  choose: (row: string) => `Choose ${row}`,
  chosen: (rows: number) => `${count(rows)} chosen`,
  chooseNone: 'Choose none',
  atMost: (rows: number) => `At most ${count(rows)} at once.`,
  cannot: (rows: number) => `${count(rows)} cannot:`,
  sum: 'Sum',
} as const
