/** A backup is restored after its coins were handed out: the copy pays nobody with coins that are spent (wallet 12.4, P-29). */
import { expect, test } from 'bun:test'
import { cpSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { getDecodedToken, getTokenMetadata, hashToCurve } from '@cashu/cashu-ts'
import { runConsole } from '../kit/console'
import { startEconomy } from '../kit/economy'
import { temporaryDirectory } from '../kit/log'
import { startNode, until } from '../kit/node'

test('P-29 I2 wallet 12.4 exact matches since the backup took no counter: the copy finds them spent before it pays', async () => {
  const economy = await startEconomy({ mint: { feePpk: 0 } })
  const aside = temporaryDirectory()
  const refund = async (url: string, key: string) => {
    const answer = await fetch(`${url}/v1/balance/refund`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
    })
    return { status: answer.status, body: (await answer.json()) as { readonly token?: string; readonly sats?: string } }
  }
  const { mint, node } = economy
  const statesOf = (token = '') =>
    mint
      .states(
        getTokenMetadata(token).incompleteProofs.map(({ secret }) =>
          hashToCurve(new TextEncoder().encode(secret)).toHex(true),
        ),
      )
      .map(({ state }) => state)
  const [first, second] = [await economy.key(64), await economy.key(64)]
  expect((await node.call('backups.run')).error).toBeUndefined()
  const swaps = mint.calls('swap')
  const paid = await refund(node.url, first)
  expect([paid.status, paid.body.sats, mint.calls('swap')]).toEqual([200, '64', swaps])
  mint.spend(getDecodedToken(paid.body.token ?? '', mint.keysetIds() as never).proofs)
  const data = join(aside.path, 'data')
  mkdirSync(data, { mode: 0o700 })
  cpSync(join(node.directory, 'secret.key'), join(data, 'secret.key'))
  const [file = ''] = readdirSync(join(node.directory, 'backups')).filter((name) => name.endsWith('.backup'))
  const restored = await runConsole(['restore', join(node.directory, 'backups', file)], { ROUTSTR_DATA_DIR: data })
  expect([restored.code, restored.said]).toEqual([0, ''])
  await node.stop({ keep: true })

  const copy = await startNode({ directory: data, environment: { CASHU_MINTS: mint.url, MINT_WAIT_S: '3' } })
  const other = await refund(copy.url, second)
  expect([other.status, other.body.sats, new Set(statesOf(other.body.token))]).toEqual([
    200,
    '64',
    new Set(['UNSPENT']),
  ])
  const sheet = await copy.node.log.sheet()
  const msat = (account: string) =>
    sheet.filter((row) => row.account === account).reduce((sum, row) => sum + Number(row.msat), 0)
  expect([msat('owner:losses'), msat('free')]).toEqual([64_000, 0])
  expect((await copy.call('books.check')).result).toMatchObject({ balanced: true })
  const [row] = ((await copy.call('mints.list')).result as { rows: readonly { readonly state: string }[] }).rows
  expect(row?.state).toBe('suspended')
  await until('nothing runs', () => copy.node.adminNode.holds.totals().requests === 0)
  await copy.stop()
  await economy.stop()
  aside.remove()
}, 60_000)
