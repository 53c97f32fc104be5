/**
 * Random money in and out at two mints against a plain model (wallet 19.7): postings sum to 0, shares are the model's,
 * refunds round down, remainders stay. `MODEL_SEED` plays a run again.
 */
import { expect, test } from 'bun:test'
import { createChance } from '../bench/chance'
import { brokenLog } from '../kit/invariants'
import { openMoneyWorld } from '../kit/money-world'
import { isNightly } from '../kit/sizes'

const runs = isNightly ? 12 : 1
const operations = isNightly ? 120 : 40
/** New ones by night; by day the same, so that a check says the same of the same code. */
const firstSeed = Number(process.env.MODEL_SEED ?? (isNightly ? Math.floor(Math.random() * 2 ** 31) : 20_261_127))

test.each(Array.from({ length: runs }, (_, n) => firstSeed + n))(
  'P-02 P-03 P-14 P-18 W-13 a random life of money with seed %d is the model’s, to the last msat',
  async (seed) => {
    const chance = createChance(seed)
    const world = await openMoneyWorld(chance)
    const { steps, model, economy } = world
    const names = Object.keys(steps) as (keyof typeof steps)[]
    await steps.deposit()
    for (let n = 0; n < operations; n += 1) {
      const [any, ...more] = model.open()
      const name =
        any === undefined
          ? 'deposit'
          : chance.pick(['deposit', 'charge', 'charge', 'refund', 'topUp', ...names] as const)
      const key = chance.pick([any ?? '', ...more])
      const told = `seed ${seed}, step ${n}: ${name}`
      try {
        await steps[name](key)
      } catch (error) {
        throw new Error(`${told}: ${String(error)}`)
      }
      expect([told, await world.differences()]).toEqual([told, []])
      if (!model.open().includes(key)) continue
      expect([told, (await economy.info(key)).balance]).toEqual([told, model.balance(key)])
    }
    expect(await world.broken()).toEqual([])
    expect(await brokenLog(economy.node.node.log)).toEqual([])
    expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
    await world.stop()
  },
  300_000,
)
