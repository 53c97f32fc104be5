/** Whose turn it is when there are more invoices than a mint bears (wallet 13). */
import { expect, test } from 'bun:test'
import { limits } from '../../core/limits'
import { createSlots, createWatchList } from '../../core/processes/invoice-watch'

/** A third of the slowest pace at which a mint is asked (wallet 9.4, 13). */
const looksLimited = limits.mintRateLeast / 3

const minute = 60_000
const hour = 60 * minute

function list(perMinute: number = limits.invoiceLooksPerMinute) {
  let at = 10 * hour
  const watched = createWatchList({ now: () => at, looksPerMinute: () => perMinute })
  const add = (deposit: string, ageMs: number, mint = 'https://a') =>
    watched.add({ deposit, mint, since: at - ageMs, expiresAt: (at + hour) / 1000 })
  return { watched, add, turn: (ms: number) => (at += ms) }
}

test('wallet 13 young invoices come first, and old ones are not skipped', () => {
  const { watched, add, turn } = list(looksLimited)
  for (let n = 0; n < 100; n += 1) add(`old ${n}`, 2 * hour)
  for (let n = 0; n < 100; n += 1) add(`young ${n}`, minute)
  const first = watched.due()
  expect(first).toHaveLength(looksLimited)
  expect(first.filter((one) => one.startsWith('young')).length).toBeGreaterThanOrEqual(15)
  const seen = new Set(first)
  for (let second = 0; second < 40 * 60; second += 1) {
    turn(1000)
    for (const one of watched.due()) seen.add(one)
  }
  expect(seen.size).toBe(200)
})

test('wallet 13 an old invoice that a client asks for is looked at as often as a new one', () => {
  const { watched, add, turn } = list()
  add('old', 2 * hour)
  expect(watched.due()).toEqual(['old'])
  turn(10_000)
  expect(watched.due()).toEqual([])
  expect(watched.asked('old', 'https://a')).toBe(true)
  turn(limits.invoiceLooks[0].pauseMs)
  expect(watched.due()).toEqual(['old'])
})

test('wallet 9.4 mints share no budget', () => {
  const { watched, add } = list(looksLimited)
  for (let n = 0; n < 100; n += 1) add(`a ${n}`, minute)
  add('b', minute, 'https://b')
  expect(watched.due()).toContain('b')
})

test('wallet 9.4 what waits for a slot runs in order, and a failure frees its slot', async () => {
  const inTurn = createSlots(2)
  const ran: number[] = []
  let most = 0
  let running = 0
  const all = Array.from({ length: 9 }, (_, n) =>
    inTurn('mint', async () => {
      running += 1
      most = Math.max(most, running)
      ran.push(n)
      await Bun.sleep(1)
      running -= 1
      if (n % 3 === 0) throw new Error('as told')
    }).catch(() => undefined),
  )
  await Promise.all(all)
  expect([most, ran]).toEqual([2, [0, 1, 2, 3, 4, 5, 6, 7, 8]])
})
