/**
 * Random money at a whole node with two mints, beside the plain model of it (wallet 19.7): each step goes in by the door
 * that it has in life, and what it was told is all that the model hears.
 */
import { createHash } from 'node:crypto'
import { normaliseMintUrl } from '../../core/money/mint-url'
import type { Chance } from '../bench/chance'
import { chatBody, type Json, startEconomy } from './economy'
import { brokenInvariants } from './invariants'
import { searchMint, signBeyond, spendCoin, walletOf } from './losses'
import { createTestMint, type TestMint } from './mint'
import { createMoneyModel } from './money-model'
import { type Envelope, until } from './node'
import { createReceiver } from './receiver'
import { answered, faceOf } from './x-cashu'

type Problem = { readonly code: string; readonly details?: { readonly refund_id?: string } }
export type Place = { readonly mint: TestMint; readonly id: string; readonly purse: string; readonly feePpk: number }

const reason = 'as the test wants it'
const mostWaitMs = 10_000
/** How long a caller waits for his token. */
const mintWaitS = 3

export async function openMoneyWorld(chance: Chance) {
  const feePpk = chance.pick([0, 100, 400])
  const second = createTestMint({ feePpk, keysetVersion: 'v2' })
  const receiver = createReceiver()
  const economy = await startEconomy({
    mint: { feePpk: 0, keysetVersion: 'v2' },
    mints: [second.url],
    node: {
      environment: { RECEIVE_LN_ADDRESS: receiver.address, MINT_WAIT_S: String(mintWaitS) },
      foreign: receiver.foreign,
      // Whoever waits for coins or for a mint looks again soon; callers are patient.
      pause: (ms) => Bun.sleep(ms === mintWaitS * 1000 ? ms : ms / 20),
    },
  })
  const { node } = economy
  const places: readonly [Place, Place] = [placeOf(economy.mint, 0), placeOf(second, feePpk)]
  const model = createMoneyModel(places.map(({ id }) => id))
  const wallet = await walletOf(node)
  const { log } = node.node
  /** With what becomes of the balance. */
  const revoked = new Map<string, 'keep' | 'refundable'>()

  const command = async (method: string, params: Json): Promise<Envelope> => {
    let answer = await node.call(method, params)
    // A key is listed a moment after it was made.
    for (let tries = 0; answer.error?.data.reason === 'NOT_FOUND' && tries < 100; tries += 1) {
      await Bun.sleep(10)
      answer = await node.call(method, params)
    }
    return answer
  }
  await command('settings.apply', { changes: { 'sweep.thresholdSat': 5, 'sweep.capSat': 60 } })
  const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
  const atMint = (url: string): Place => {
    const found = places.find(({ mint }) => mint.url === url)
    if (found === undefined) throw new Error(`paid at a mint that nobody knows: ${url}`)
    return found
  }

  /** A token of the mint, and what is left of it after the mint's fee. */
  function token({ mint, feePpk }: Place, sat: number) {
    const proofs = mint.proofs(sat)
    const netMsat = (sat - Math.ceil((proofs.length * feePpk) / 1000)) * 1000
    return { text: mint.encode(proofs), netMsat }
  }
  const heldMsat = (id: string) => {
    const { mint } = places.find((place) => place.id === id) as Place
    return (mint.outstanding('sat') - mint.heldByStrangers('sat')) * 1000
  }
  const freeCoins = async ({ purse }: Place) => (await log.coins(purse)).filter(({ state }) => state === 'free')

  /** What the owner may spend (wallet 15), by mint: never below what is owed, nor below what all purses can bear. */
  /** msat of refunds that have no coins yet; the model hears of one that got them only when it is asked for. */
  async function coinless({ purse }: Place): Promise<number> {
    let msat = 0
    for (const { key } of await log.claims('coinless')) {
      const state = await node.node.adminNode.engine.state('payout', key)
      if (state.is !== 'requested') continue
      for (const share of state.wish.shares) if (share.purse === purse) msat += share.msat
    }
    return msat
  }

  async function spendable(): Promise<ReadonlyMap<string, number>> {
    const over = new Map<string, number>()
    for (const place of places) {
      const free = await freeCoins(place)
      const reserve = Math.ceil((free.length * place.feePpk) / 1000) * 1000
      const freeMsat = free.reduce((units, { amount }) => units + amount, 0) * 1000
      over.set(place.id, freeMsat - model.owed(place.id) - (await coinless(place)) - reserve)
    }
    const all = [...over.values()].reduce((sum, msat) => sum + msat, 0)
    return new Map([...over].map(([id, msat]) => [id, Math.max(0, Math.min(msat, all))]))
  }

  /** After losses that the owner could not bear: who pays in now may have to wait for his change (wallet 5.2). */
  async function isShort(place: Place): Promise<boolean> {
    const free = (await freeCoins(place)).reduce((units, { amount }) => units + amount, 0) * 1000
    return free < model.owed(place.id) + (await coinless(place))
  }

  /** A refund call: the model hears of a token, of nothing to pay, or that it has to wait. */
  async function refund(key: string): Promise<void> {
    const known = model.keyOf(key)
    const isOlder = known.waiting !== undefined && known.waiting.version !== known.version
    const response = await economy.post('/v1/balance/refund', isOlder ? { refund_id: known.waiting?.id } : {}, key)
    const answer = (await response.json()) as { token?: string; sats?: string; error?: Problem }
    if (answer.token === undefined) {
      const code = answer.error?.code ?? ''
      const isNothing = ['no_balance_to_refund', 'balance_too_small_to_refund'].includes(code)
      if (isNothing && model.balance(key) < 1000) return
      if (code === 'key_revoked' && revoked.get(key) === 'keep') return
      if (code !== 'refund_pending') throw new Error(`a refund of ${model.balance(key)} msat: ${code}`)
      if (known.waiting === undefined) model.wait(key, answer.error?.details?.refund_id ?? '')
      return
    }
    const { units: sat, mint } = faceOf(answer.token)
    if (answer.sats !== String(sat)) throw new Error(`told ${answer.sats} sat, handed out ${sat}`)
    const payer = atMint(mint)
    if (known.waiting !== undefined) return model.waited(key, payer.id, answer.token)
    if (known.refund?.version === known.version) {
      if (known.refund.token !== answer.token) throw new Error('the same balance gave another token')
      return
    }
    const whole = Math.floor(model.balance(key) / 1000)
    // Only coins that cannot bear their own fee pay less.
    if (sat > whole || (sat < whole && payer.feePpk === 0)) throw new Error(`${sat} of ${whole} sat were refunded`)
    model.refund(key, sat, payer.id, answer.token)
  }

  const steps = {
    async deposit() {
      const place = chance.pick(places)
      const { text, netMsat } = token(place, chance.whole(3, 400))
      const made = await economy.post('/v1/balance/create', { initial_balance_token: text })
      const { api_key: key, balance } = (await made.json()) as { api_key: string; balance: number }
      if (balance !== netMsat) throw new Error(`${netMsat} msat came in and ${balance} are on the key`)
      model.deposit(key, place.id, netMsat)
    },
    async topUp(key: string) {
      if (revoked.has(key)) return
      const place = chance.pick(places)
      const { text, netMsat } = token(place, chance.whole(3, 200))
      const response = await economy.post('/v1/balance/topup', { cashu_token: text }, key)
      if (response.status !== 200) throw new Error(`a top-up answered ${response.status}`)
      model.deposit(key, place.id, netMsat)
    },
    async charge(key: string) {
      economy.upstream.next({ tokens: { prompt: chance.whole(1, 150_000), completion: chance.whole(1, 900) } })
      const response = await economy.chat(key)
      await response.arrayBuffer()
      if (response.status === 200) model.charge(key, Number(response.headers.get('x-routstr-cost-msats')))
      else economy.upstream.reset()
    },
    // One that waits is asked for until it is there.
    refund: async (key: string) => (model.keyOf(key).waiting === undefined ? refund(key) : undefined),
    async change() {
      const place = chance.pick(places)
      if (await isShort(place)) return
      const { text, netMsat } = token(place, chance.whole(20, 200))
      economy.upstream.next({ tokens: { prompt: chance.whole(1, 50_000), completion: chance.whole(1, 900) } })
      const paid = await answered(await economy.post('/v1/chat/completions', chatBody, undefined, { 'x-cashu': text }))
      if (paid.status !== 200) throw new Error(`an X-Cashu payment answered ${paid.status}: ${paid.text}`)
      const units = model.oneShot(place.id, netMsat, Number(paid.headers.get('x-routstr-cost-msats')))
      const face = paid.token === null ? { units: 0, mint: place.mint.url } : faceOf(paid.token)
      if (face.units !== units || face.mint !== place.mint.url)
        throw new Error(`${face.units} sat of change, not ${units}`)
    },
    async grant(key: string) {
      if (revoked.has(key)) return
      const msat = chance.whole(1, 60_000)
      const before = await spendable()
      const answer = await command('sessions.credit', { session: hashOf(key), msat, reason })
      if (answer.error !== undefined) {
        if (Math.max(...before.values()) >= msat)
          throw new Error(`${msat} msat were refused: ${JSON.stringify(answer)}`)
        return
      }
      const granted = (await log.read(`session-${hashOf(key)}`, 0)).findLast(({ type }) => type === 'session.granted')
      const { purse = '' } = (granted?.data ?? {}) as { purse?: string }
      const place = places.find((one) => one.purse === purse) as Place
      if ((before.get(place.id) ?? 0) < msat) throw new Error(`${msat} msat were granted below the floor`)
      model.grant(key, place.id, msat)
    },
    async revoke(key: string) {
      if (revoked.has(key) || model.keyOf(key).waiting !== undefined) return
      const balance = chance.pick(['keep', 'refundable'] as const)
      const { error } = await command('sessions.revoke', { sessions: [hashOf(key)], balance, reason })
      if (error !== undefined) throw new Error(JSON.stringify(error))
      revoked.set(key, balance)
      // A token that nobody collected is a refund that is open: until then the key has not ended (wallet 4).
      if (balance === 'keep' && model.keyOf(key).refund === undefined) model.revoke(key)
    },
    async sweep() {
      economy.mint.setLightning({ fee: 1, reserve: 2 })
      second.setLightning({ fee: 1, reserve: 2 })
      const before = await spendable()
      const { result } = await command('sweep.run', {})
      // One for each purse that is rich enough (wallet 5.6).
      for (const payout of (result?.payouts ?? []) as readonly string[]) await swept(`payout-${payout}`, before)
    },
    /** Somebody spends the largest coin of ours; the search after it finds a coin that our log never knew. */
    loss: () => search(chance.pick(places), true),
    restore: () => search(chance.pick(places), false),
    async release() {
      const { mint, id } = chance.pick(places)
      const msat = model.unattributed(id)
      if (msat === 0) return
      const { error } = await command('wallet.releaseUnattributed', { mint: mint.url, msat })
      if (error !== undefined) throw new Error(JSON.stringify(error))
      model.release(id, msat)
    },
  } satisfies Record<string, (key: string) => Promise<void>>

  async function swept(payout: string, before: ReadonlyMap<string, number>): Promise<void> {
    const stateOf = async () => {
      const state = await node.node.adminNode.engine.state('payout', payout)
      return state.is === 'lightning' ? state.lightning : undefined
    }
    await until('the sweep has its end', async () => ['paid', 'rejected'].includes((await stateOf())?.is ?? ''))
    const state = await stateOf()
    // Its fees would have been above their limit: nothing left.
    if (state?.is !== 'paid') return
    const { purse, units, lightningFeeUnits } = state.paid
    const place = places.find((one) => one.purse === purse) as Place
    const feeMsat = lightningFeeUnits * 1000
    if (units * 1000 + feeMsat > (before.get(place.id) ?? 0)) throw new Error('a sweep went below the floor')
    model.sweep(place.id, units * 1000, feeMsat)
  }

  async function search(place: Place, isLost: boolean): Promise<void> {
    const { mint, purse } = place
    // A refund that waits may hand out that very coin meanwhile, and then it is a token that was collected.
    const isWaited = (await log.claims('coinless')).length > 0
    const [coin] = isLost && !isWaited ? (await freeCoins(place)).sort((a, b) => b.amount - a.amount) : []
    if (coin !== undefined) spendCoin(coin, mint, wallet)
    const found = 2 ** chance.whole(0, 6)
    const { keysetId, counter } = await signBeyond({ log, mint, wallet }, found, chance.whole(0, 40))
    await searchMint(node, mint)
    const held = (await log.coins(purse)).some((one) => one.keysetId === keysetId && one.counter === counter)
    if (!held) throw new Error('a coin that our seed can spend was not found')
    model.search(place.id, (coin?.amount ?? 0) * 1000, found * 1000)
  }

  /** Differences between the sheet of the node and the model's, once what waits had its chance. */
  async function differences(): Promise<readonly string[]> {
    let found: readonly string[] = []
    const end = Date.now() + mostWaitMs
    do {
      const coinless = (await log.claims('coinless')).length
      if (coinless !== model.waiting().length) for (const key of model.waiting()) await refund(key)
      const wanted = model.sheet(heldMsat)
      const rows = (await log.sheet()).filter(({ account, msat }) => !coins.includes(account) && msat !== 0n)
      const has = Object.fromEntries(
        rows.map(({ purse, account, msat }) => [`${purse.split('/')[0]} ${account}`, Number(msat)]),
      )
      found = [...new Set([...Object.keys(wanted), ...Object.keys(has)])]
        .filter((row) => (wanted[row] ?? 0) !== (has[row] ?? 0))
        .map((row) => `${row}: the node says ${has[row] ?? 0}, the model ${wanted[row] ?? 0}`)
      if (found.length > 0) await Bun.sleep(20)
    } while (found.length > 0 && Date.now() < end)
    for (const [row, msat] of Object.entries(model.sheet(heldMsat)))
      if (row.endsWith('mintFees') && msat < 0) found = [...found, `${row} are ${msat}`]
    return found
  }

  return {
    steps,
    model,
    places,
    economy,
    differences,
    spendable,
    hashOf,
    /** Invariants that do not hold, at either mint. */
    broken: async () =>
      (await Promise.all(places.map(({ mint, id }) => brokenInvariants({ log, wallet, mint, mintId: id })))).flat(),
    async stop() {
      await economy.stop()
      await second.stop()
      await receiver.stop()
    },
  }
}

const coins = ['free', 'locked', 'out']

function placeOf(mint: TestMint, feePpk: number): Place {
  const url = normaliseMintUrl(mint.url) ?? ''
  const id = createHash('sha256').update(url).digest('hex').slice(0, 16)
  return { mint, id, purse: `${id}/sat`, feePpk }
}
