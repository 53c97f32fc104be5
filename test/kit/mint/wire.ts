/** How the test mint's paths, keysets and announcements look on the wire. */
import type { BankKeyset, MintError, Unit } from './bank'

export const describe = (keyset: BankKeyset) => ({
  id: keyset.id,
  unit: keyset.unit,
  active: keyset.active,
  input_fee_ppk: keyset.feePpk,
  ...(keyset.finalExpiry === undefined ? {} : { final_expiry: keyset.finalExpiry }),
})
export const isError = (done: Record<string, unknown> | MintError): done is MintError =>
  'code' in done && 'detail' in done
export const nameOf = (pathname: string): string =>
  pathname
    .replace(/^\/v1\/mint\/quote\/bolt11\/.*/, 'quote-state')
    .replace(/^\/v1\/mint\/quote\/.*/, 'quote')
    .replace(/^\/v1\/melt\/quote\/bolt11\/.*/, 'melt-quote-state')
    .replace(/^\/v1\/melt\/quote\/.*/, 'melt-quote')
    .replace(/^\/v1\//, '')
    .replace(/^\//, '')
    .split('/')[0] ?? ''

/** All that it speaks but NUT-17, which is announced where a test says so. */
export const allNuts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 20]

type Speaks = {
  readonly nuts?: readonly number[]
  readonly units?: readonly Unit[]
  readonly minAmount?: number
  readonly maxAmount?: number
}

/** What `/v1/info` says of each (NUT-06). */
export function nutMap({ nuts = allNuts, units = ['sat'], minAmount = 1, maxAmount = 10_000_000 }: Speaks) {
  const bounds = { min_amount: minAmount, max_amount: maxAmount }
  const commands = ['bolt11_mint_quote', 'bolt11_melt_quote', 'proof_state']
  const detailed: Readonly<Record<number, unknown>> = {
    4: { methods: units.map((unit) => ({ method: 'bolt11', unit, ...bounds })), disabled: false },
    5: { methods: units.map((unit) => ({ method: 'bolt11', unit })), disabled: false },
    17: { supported: units.map((unit) => ({ method: 'bolt11', unit, commands })) },
  }
  return Object.fromEntries(nuts.map((nut) => [String(nut), detailed[nut] ?? { supported: true }]))
}
