/** The wallet's seed is that of BIP-39, so that its words open it anywhere (wallet 12.1). */
import { expect, test } from 'bun:test'
import { mnemonicToSeedSync } from '@scure/bip39'
import { makeWords, walletSeed } from '../../core/keys'

test('wallet 12.1 the seed of known words is that of the standard, and of new ones that of the library', () => {
  const known = walletSeed(`${'abandon '.repeat(11)}about`)
  expect(Buffer.from(known.seed).toString('hex')).toBe(
    '5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc19a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4',
  )
  const words = makeWords()
  expect(walletSeed(words).seed).toEqual(mnemonicToSeedSync(words))
})
