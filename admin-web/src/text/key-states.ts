/** What a key may do, in one word each (contract 3.6). */
export const keyStates = {
  open: 'open',
  expired: 'expired',
  frozen: 'frozen',
  revoked: 'revoked',
  ended: 'ended',
} as const
export type KeyState = keyof typeof keyStates
export const isKeyState = (word: string): word is KeyState => Object.hasOwn(keyStates, word)
