/** Words of every chart: how it is read otherwise, and which part of a bar is meant. */
import { count } from '../format'

export const chartText = {
  asTable: 'as table',
  asChart: 'as chart',
  parts: 'Left and right choose a step, up and down a part of it, Enter opens it.',
  partOf: (nth: number, all: number) => `part ${count(nth)} of ${count(all)}`,
} as const
