/** Which deposit some proofs are: the same in any spelling and order (wallet 3). */
import { createHash } from 'node:crypto'
import { limits } from '../limits'
import type { Wallet } from './deposit-types'

/** The stream of these proofs, told without their mint and whether or not it is accepted; undefined: no token. */
export function depositOf(text: string, wallet: Pick<Wallet, 'readTokenHead' | 'normaliseMintUrl' | 'yOf'>) {
  const head = text.length > limits.tokenBytes ? undefined : wallet.readTokenHead(text)
  const url = head === undefined ? undefined : wallet.normaliseMintUrl(head.mint)
  if (head === undefined || url === undefined || head.secrets.length === 0 || head.secrets.length > limits.tokenProofs)
    return undefined
  const mintId = createHash('sha256').update(url).digest('hex').slice(0, 16)
  return depositId(`${mintId}/${head.unit}`, head.secrets.map(wallet.yOf))
}

/** Of proofs in any order and spelling (wallet 3). */
export function depositId(purse: string, ys: readonly string[]): string {
  const text = ['deposit', purse, ...[...ys].sort()].join('\n')
  return `deposit-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
}
