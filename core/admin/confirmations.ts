/** Commands that wait for a yes: a short code, bound to one command and its sender. */
import type { Row } from './command'
import type { AdminRequest } from './envelope'

type Asked = { readonly request: AdminRequest; readonly row: Row; readonly what: string }
export type Held = Asked & { readonly expiresS: number }
type Pending = Held & { readonly code: string; tries: number }

export type Confirmations = {
  /** Holds a command of `sender` and makes its code; a newer one replaces it. */
  readonly hold: (sender: string, asked: Asked, nowS: number) => { readonly code: string; readonly expiresS: number }
  /** The held command, once, for the right code. */
  readonly claim: (
    sender: string,
    code: string,
    nowS: number,
  ) => Held | { readonly refused: 'code-unknown' | 'code-wrong' | 'code-expired' }
  readonly drop: (sender: string) => boolean
  /** What waits now, of every sender; no code among it. */
  readonly waiting: (nowS: number) => readonly (Held & { readonly sender: string })[]
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const codeLength = 5
const lifeS = 120
const mostTries = 3
/** One pending command for each sender, so many senders at most. */
const mostSenders = 1000

export function createConfirmations(): Confirmations {
  const pending = new Map<string, Pending>()
  return {
    hold(sender, asked, nowS) {
      pending.delete(sender)
      const oldest = pending.keys().next()
      if (pending.size >= mostSenders && oldest.done !== true) pending.delete(oldest.value)
      const held = { ...asked, code: makeCode(), expiresS: nowS + lifeS, tries: 0 }
      pending.set(sender, held)
      return { code: held.code, expiresS: held.expiresS }
    },
    claim(sender, code, nowS) {
      const held = pending.get(sender)
      if (held === undefined) return { refused: 'code-unknown' }
      if (nowS > held.expiresS) {
        pending.delete(sender)
        return { refused: 'code-expired' }
      }
      if (code.trim().toUpperCase() !== held.code) {
        held.tries += 1
        if (held.tries >= mostTries) pending.delete(sender)
        return { refused: 'code-wrong' }
      }
      pending.delete(sender)
      return held
    },
    drop: (sender) => pending.delete(sender),
    waiting: (nowS) =>
      [...pending].flatMap(([sender, { request, row, what, expiresS }]) =>
        nowS > expiresS ? [] : [{ sender, request, row, what, expiresS }],
      ),
  }
}

function makeCode(): string {
  const random = crypto.getRandomValues(new Uint8Array(codeLength))
  // 256 is a multiple of 32: every character is equally likely.
  return [...random].map((byte) => crockford[byte % crockford.length]).join('')
}
