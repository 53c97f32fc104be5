/** Work in lanes: so many at once, each in its turn, whoever comes while a place is handed over (R-056, W-10). */
import { expect, test } from 'bun:test'
import { createLanes } from '../../core/lanes'

test('W-10 a lane of one runs one at a time also when somebody comes between an end and the next beginning', async () => {
  const lane = createLanes(1)
  const order: string[] = []
  let running = 0
  let most = 0
  const work = (name: string) => async () => {
    order.push(name)
    running += 1
    most = Math.max(most, running)
    await Promise.resolve()
    await Promise.resolve()
    running -= 1
  }
  const started = [lane(work('first')), lane(work('second'))]
  // One caller in each of the next turns of the event loop's queue: one of them meets the gap.
  for (let n = 0; n < 12; n += 1) {
    await Promise.resolve()
    started.push(lane(work(`late ${n}`)))
  }
  await Promise.all(started)
  expect(most).toBe(1)
  expect(order).toEqual(['first', 'second', ...Array.from({ length: 12 }, (_, n) => `late ${n}`)])
})

test('W-10 a failed work gives its place to the next, and an empty lane takes up again', async () => {
  const lane = createLanes(2)
  const fail = () => Promise.reject(new Error('no'))
  const answers = await Promise.allSettled([lane(fail), lane(fail), lane(async () => 3), lane(async () => 4)])
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled'])
  expect(await lane(async () => 5)).toBe(5)
})
