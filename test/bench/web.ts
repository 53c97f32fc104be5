/** `bench web`: the numbers that the dashboard is held to (dashboard 1), as they are on this machine. */
import { resolve } from 'node:path'
import type { Table } from './figures'
import { looks, weights } from './web-looks'
import { firstPaint, interactive, keyPresses } from './web-speed'
import { startWebStage } from './web-stage'
import { liveTail, lostDoor, shifts } from './web-steady'

export type Figure = {
  readonly number: string
  readonly what: string
  readonly asked: string
  readonly seen: string
}

/** What is timed runs alone; the live tail goes on while the looks are counted. */
export async function web(data: string | undefined, { minutes }: { readonly minutes: number }): Promise<Table> {
  const stage = await startWebStage(data === undefined ? undefined : resolve(data))
  try {
    const rows = [
      ...weights(),
      ...(await tried('N1', () => firstPaint(stage))),
      ...(await tried('N5', () => interactive(stage))),
      ...(await tried('N6', () => keyPresses(stage))),
      ...(await tried('N7', () => shifts(stage))),
      ...(await tried('N12', () => lostDoor(stage))),
      ...(await Promise.all([tried('N14', () => liveTail(stage, minutes)), tried('N8', () => looks(stage))])).flat(),
    ]
    return {
      title: 'The dashboard in a browser',
      rows: rows.toSorted((a, b) => Number(a.number.slice(1)) - Number(b.number.slice(1))),
      target: 'each row says what is asked (dashboard 1): N5 with 2 M requests and 50 k sessions, N14 for 8 hours',
    }
  } finally {
    await stage.stop()
  }
}

/** One number that cannot be had does not take the others with it. */
async function tried(number: string, measure: () => Promise<readonly Figure[]>): Promise<readonly Figure[]> {
  try {
    return await measure()
  } catch (error) {
    return [{ number, what: 'not measured', asked: '', seen: String(error).split('\n')[0]?.slice(0, 120) ?? '' }]
  }
}
