/** What a search asks a mint for, wherever it begins (wallet 12.3, 12.4). */
import { expect, test } from 'bun:test'
import { createMintClient } from '../../core/money/mint-client'
import { search } from '../../core/processes/search'
import { openDeposits } from '../kit/deposits'
import { fileLog } from '../kit/suite'

const { opened } = fileLog()

test.each([0, 24, 25, 500])(
  'W-18 wallet 12.4 a probe at counter %d asks for the next 25, and for 25 more behind a hit',
  async (from) => {
    const kit = openDeposits(opened())
    const keyset = await kit.desk().outputKeyset('sat')
    if ('unreachable' in keyset) throw new Error('the mint does not answer')
    const probe = () => search(keyset.id, { from, gap: 25, atLeast: 0 }, kit.desk(), kit.wallet)
    expect(await probe()).toEqual({ hits: [], from, to: from + 25 })
    expect(kit.mint.calls('restore')).toBe(1)
    const [proof] = kit.mint.proofs(4, 'sat', { amounts: [4] })
    const input = { id: keyset.id, amount: 4, secret: proof?.secret ?? '', C: proof?.C ?? '' }
    const { B_ } = kit.wallet.derive(keyset.id, from + 20, 4)
    await createMintClient(kit.mint.url).swap([input], [{ amount: 4, id: keyset.id, B_ }])
    const found = await probe()
    expect([found?.hits.map(({ counter }) => counter), found?.to]).toEqual([[from + 20], from + 46])
    await kit.close()
  },
)

test('wallet 12.3 a search reaches the counters of the log and its gap behind them, though nothing was signed', async () => {
  const kit = openDeposits(opened())
  const keyset = await kit.desk().outputKeyset('sat')
  if ('unreachable' in keyset) throw new Error('the mint does not answer')
  const searched = await search(keyset.id, { from: 0, gap: 30, atLeast: 170 }, kit.desk(), kit.wallet)
  expect([searched?.to, kit.mint.calls('restore')]).toEqual([200, 2])
  await kit.close()
})
