/** Our own walk to an output against the library's: a coin that another derivation cannot find is lost (NUT-13, W-03). */
import { expect, test } from 'bun:test'
import { createHash, randomBytes } from 'node:crypto'
import { chooseCurve } from '../../core/money/curve'
import { createDerivation } from '../../core/money/derivation'
import { deriveOutput, pureCurve } from '../../core/money/mint-client'

const v1 = (n: number) => `00${createHash('sha256').update(`keyset ${n}`).digest('hex').slice(0, 14)}`
const v2 = (n: number) => `01${createHash('sha256').update(`keyset ${n}`).digest('hex')}`

test('wallet 11 W-03 every output is what the library derives, v1 and v2, on either curve, asked once or again', async () => {
  const chosen = await chooseCurve(pureCurve)
  for (const curve of [chosen.curve, pureCurve]) {
    const seed = randomBytes(64)
    const derive = createDerivation(seed, curve)
    for (let n = 0; n < 12; n += 1)
      for (const keysetId of [v1(n), v2(n)]) {
        const counter = n === 0 ? 0 : 2 ** (2 * n) + n
        const amount = 2 ** n
        const expected = deriveOutput(seed, keysetId, counter, amount)
        expect(derive(keysetId, counter, amount)).toEqual(expected)
        expect(derive(keysetId, counter, amount * 2)).toEqual({ ...expected, amount: amount * 2 })
      }
  }
})

test('wallet 11 a curve that computes something else is not trusted with outputs', () => {
  const seed = randomBytes(64)
  const wrong = { ...pureCurve, publicKey: () => pureCurve.hashToCurve(seed) }
  expect(createDerivation(seed, wrong)(v1(1), 5, 8)).toEqual(deriveOutput(seed, v1(1), 5, 8))
})

test('W-03 a counter beyond a v1 keyset ends in an error, not in another coin', async () => {
  const derive = createDerivation(randomBytes(64), pureCurve)
  expect(() => derive(v1(1), 2 ** 31, 1)).toThrow()
  expect(() => derive(v1(1), 1.5, 1)).toThrow()
})
