/** A mint whose only active keyset has expired: nothing is taken that cannot be credited, nothing is lost (wallet 8, 9.2). */
import { join } from 'node:path'
import { getTokenMetadata, hashToCurve } from '@cashu/cashu-ts'
import { until } from '../kit/node'
import { libraryWallet, type Rotation, startCdk } from './cdk-mint'
import { bearer, checkBooks, errorOf, postAt } from './customer'
import { type Ground, openShop, type Shop } from './real-mint'

const expired: Rotation = { unit: 'sat', version: 'v1', input_fee_ppk: 0, expired: true }

export async function expiredKeysets({ binary, directory, port, check }: Ground): Promise<void> {
  let mint = await startCdk(binary, directory, port)
  const shop = await openShop(mint.url, join(directory, 'node'), { environment: { MINT_WAIT_S: '3' } })
  let stranger: Shop | undefined
  const again = async (rotations: readonly Rotation[]) => {
    await mint.stop()
    mint = await startCdk(binary, directory, port, { rotations })
  }
  try {
    const wallet = await libraryWallet(mint.url)
    await wallet.fund('sat', 1000)
    const [first, second, third] = [
      await wallet.send('sat', 100),
      await wallet.send('sat', 90),
      await wallet.send('sat', 80),
    ]
    const create = (token: string, at = shop) =>
      postAt(at.node())('/v1/balance/create', { initial_balance_token: token })
    const { api_key: key } = (await (await create(first)).json()) as { api_key: string }
    await again([expired])
    check('the only active sat keyset has expired', await isExpired(mint.url), 'by its final_expiry')

    stranger = await openShop(mint.url, join(directory, 'stranger'), { environment: { MINT_WAIT_S: '3' } })
    const unknown = await create(third, stranger)
    check('a node that starts there refuses a token', unknown.status >= 400, [unknown.status, await errorOf(unknown)])
    check('which stays untouched', (await statesOf(mint.url, third)) === 'UNSPENT', await statesOf(mint.url, third))
    const waiting = await create(second)
    check('one that knew the keyset before', waiting.status >= 400, [waiting.status, await errorOf(waiting)])
    check('spends nothing either', (await statesOf(mint.url, second)) === 'UNSPENT', await statesOf(mint.url, second))
    const refund = await postAt(shop.node())('/v1/balance/refund', {}, bearer(key))
    const { token = '', sats } = (await refund.json()) as { token?: string; sats?: string }
    check('a refund with coins that fit needs no swap', refund.status === 200 && token !== '', [refund.status, sats])
    await checkBooks('the expired keyset', shop.node(), check)

    await again([{ ...expired, version: 'v2', input_fee_ppk: 100, expired: false }])
    const later = async (one: Shop, text: string) => {
      await until('the token is taken', async () => (await create(text, one)).status === 200, 90_000)
      return (await (await create(text, one)).json()) as { credited_msats: number; fee_msats: number }
    }
    const taken = await later(shop, second)
    check('with a new keyset the waiting token is credited', taken.credited_msats + taken.fee_msats === 90_000, taken)
    const alsoTaken = await later(stranger, third)
    check('and the refused one too', alsoTaken.credited_msats + alsoTaken.fee_msats === 80_000, alsoTaken)
    check('the refund is money', true, await (await libraryWallet(mint.url)).receive('sat', token))
    await checkBooks('the new keyset', shop.node(), check, true)
    await checkBooks('the new keyset, at the stranger', stranger.node(), check)
  } finally {
    await shop.stop()
    await stranger?.stop()
    await mint.stop()
  }
}

async function isExpired(mintUrl: string): Promise<boolean> {
  const { keysets } = (await (await fetch(`${mintUrl}/v1/keysets`)).json()) as {
    keysets: { unit: string; active: boolean; final_expiry?: number | null }[]
  }
  const active = keysets.filter((keyset) => keyset.unit === 'sat' && keyset.active)
  return active.length === 1 && active.every(({ final_expiry }) => (final_expiry ?? Infinity) < Date.now() / 1000)
}

/** What the mint says of a token's coins, each word once. */
async function statesOf(mintUrl: string, token: string): Promise<string> {
  const ys = getTokenMetadata(token).incompleteProofs.map(({ secret }) =>
    hashToCurve(new TextEncoder().encode(secret)).toHex(true),
  )
  const response = await fetch(`${mintUrl}/v1/checkstate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ Ys: ys }),
  })
  const { states } = (await response.json()) as { states: { state: string }[] }
  return [...new Set(states.map(({ state }) => state))].join()
}
