/** The one-time code of a set-up link: taken out of the address before any request, kept for one use. */

let code: string | undefined

export function keepSetupCode(): void {
  if (!/\/setup\/?$/.test(location.pathname) || location.hash.length < 2) return
  code = location.hash.slice(1)
  history.replaceState(history.state, '', location.pathname)
}

/** The code, once. */
export function takeSetupCode(): string | undefined {
  const taken = code
  code = undefined
  return taken
}
