/** A customer who pays each request with a token, and what must hold after all of them (contract 7, wallet 19 I1). */
import { expect } from 'bun:test'
import { getTokenMetadata, hashToCurve } from '@cashu/cashu-ts'
import { verifyLog } from '../../events'
import { chatBody, type Economy, type ErrorEnvelope, type Json } from './economy'

type Till = Pick<Economy, 'mint' | 'node' | 'post'>
export type Face = { readonly units: number; readonly unit: string; readonly mint: string }
/** An answer as a wallet sees it. */
export type Answered = {
  readonly status: number
  readonly code: string | undefined
  readonly token: string | null
  readonly change: string | null
  readonly refundToken: string | undefined
  readonly headers: Headers
  readonly json: Json
  readonly text: string
}

export type Customer = {
  /** A token of the mint, remembered for the books. */
  readonly token: (
    amount: number,
    unit?: 'sat' | 'msat',
    options?: { readonly amounts?: readonly number[]; readonly version?: 3 | 4 },
  ) => string
  /** `X-Cashu` in front of a chat call; a string is the raw body. */
  readonly pay: (
    token: string,
    more?: Json | string,
    headers?: Readonly<Record<string, string>>,
    till?: Pick<Till, 'post'>,
  ) => Promise<Answered>
  /** The refund endpoint, asked with the original token. */
  readonly collect: (token: string, till?: Pick<Till, 'post'>) => Promise<Answered>
  /** States of a token's proofs at its mint, each once. */
  readonly statesOf: (token: string) => Promise<readonly string[]>
  /**
   * The sheet sums to zero, the log has no gap, and the mint owes what the node holds and what the customer still has;
   * `elsewhereSat`: what others hold of its sat.
   */
  readonly check: (till?: Pick<Till, 'node'>, elsewhereSat?: number) => Promise<void>
}

export function createCustomer(economy: Till): Customer {
  const tokens: string[] = []
  const { mint } = economy

  async function statesOf(token: string): Promise<readonly string[]> {
    const ys = getTokenMetadata(token).incompleteProofs.map(({ secret }) =>
      hashToCurve(new TextEncoder().encode(secret)).toHex(true),
    )
    const response = await fetch(`${mint.url}/v1/checkstate`, { method: 'POST', body: JSON.stringify({ Ys: ys }) })
    const { states } = (await response.json()) as { states: { state: string }[] }
    return [...new Set(states.map(({ state }) => state))]
  }

  return {
    token(amount, unit = 'sat', options = {}) {
      const token = mint.token(amount, unit, options)
      tokens.push(token)
      return token
    },
    pay: async (token, more = {}, headers = {}, till = economy) =>
      answered(
        await till.post('/v1/chat/completions', typeof more === 'string' ? more : { ...chatBody, ...more }, undefined, {
          'x-cashu': token,
          ...headers,
        }),
      ),
    collect: async (token, till = economy) =>
      answered(await till.post('/v1/balance/refund', '', undefined, { 'x-cashu': token })),
    statesOf,
    async check({ node } = economy, elsewhereSat = 0) {
      expect((await node.call('books.check')).result).toMatchObject({ balanced: true })
      expect((await verifyLog(node.node.log)).problems).toEqual([])
      const sheet = await node.node.log.sheet()
      for (const unit of ['sat', 'msat'] as const) {
        const held = sheet
          .filter(({ purse, account }) => purse.endsWith(`/${unit}`) && ['free', 'locked', 'out'].includes(account))
          .reduce((sum, { msat }) => sum + Number(msat), 0)
        let outside = unit === 'sat' ? elsewhereSat : 0
        for (const token of tokens.filter((one) => faceOf(one).unit === unit))
          if ((await statesOf(token)).join() === 'UNSPENT') outside += faceOf(token).units
        expect([unit, mint.outstanding(unit) - outside]).toEqual([unit, held / (unit === 'sat' ? 1000 : 1)])
      }
    },
  }
}

/** The secret of a token's first proof: whoever knows it can spend it. */
export const secretIn = (token: string): string => getTokenMetadata(token).incompleteProofs[0]?.secret ?? ''

/** What a token is worth by its own words. */
export function faceOf(token: string): Face {
  const { amount, unit, mint } = getTokenMetadata(token)
  return { units: Number(amount.toBigInt()), unit, mint }
}

export async function answered(response: Response): Promise<Answered> {
  const text = await response.text()
  const isJson = (response.headers.get('content-type') ?? '').startsWith('application/json')
  const json = isJson ? (JSON.parse(text) as Json) : {}
  const error = json.error as (ErrorEnvelope['error'] & { readonly refund_token?: string }) | undefined
  return {
    status: response.status,
    code: error?.code,
    token: response.headers.get('x-cashu'),
    change: response.headers.get('x-routstr-change'),
    refundToken: error?.refund_token,
    headers: response.headers,
    json,
    text,
  }
}
