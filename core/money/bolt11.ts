/** What a BOLT11 invoice says of itself; whether that is what was asked for is left to the caller (wallet 14.4). */
import { decode } from 'light-bolt11-decoder'

export type Bolt11 = {
  /** `bc` mainnet, `tb` testnet, `tbs` signet, `bcrt` regtest. */
  readonly network: string
  /** undefined: the payer chooses. */
  readonly amountMsat: number | undefined
  /** 64 hex. */
  readonly paymentHash: string
  /** Unix seconds. */
  readonly expiresAt: number
  /** 64 hex: of a description that stands elsewhere. */
  readonly descriptionHash?: string | undefined
}

/** BOLT 11: what holds where an invoice names no expiry. */
const defaultExpiryS = 3600
/** Far above any real invoice; the decoder's work grows with the length. */
const longest = 4096

/** The decoder reads tag `h` and leaves it out of its types. */
function hashIn(sections: readonly { readonly name: string }[]): string | undefined {
  const found = sections.find(({ name }) => name === 'description_hash') as { readonly value?: unknown } | undefined
  return typeof found?.value === 'string' ? found.value : undefined
}

/** undefined: not an invoice. The decoder checks the checksum, not the signature: compare hash and amount. */
export function readBolt11(text: string): Bolt11 | undefined {
  const invoice = text.trim().toLowerCase()
  if (invoice.length > longest || !invoice.startsWith('ln')) return undefined
  try {
    const { sections } = decode(invoice)
    const find = <Name extends (typeof sections)[number]['name']>(name: Name) =>
      sections.find((section): section is Extract<(typeof sections)[number], { name: Name }> => section.name === name)
    const network = find('coin_network')?.value?.bech32
    const paymentHash = find('payment_hash')?.value
    const timestamp = find('timestamp')?.value
    const amount = find('amount')?.value
    const amountMsat = amount === undefined ? undefined : Number(amount)
    if (network === undefined || timestamp === undefined) return undefined
    if (paymentHash === undefined || !/^[0-9a-f]{64}$/.test(paymentHash)) return undefined
    if (amountMsat !== undefined && !Number.isSafeInteger(amountMsat)) return undefined
    const expiresAt = timestamp + (find('expiry')?.value ?? defaultExpiryS)
    return { network, amountMsat, paymentHash, expiresAt, descriptionHash: hashIn(sections) }
  } catch {
    return undefined
  }
}
