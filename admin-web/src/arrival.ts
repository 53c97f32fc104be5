/** The one-time code of a set-up link: taken out of the address before any request, kept for one use. */

let code: string | undefined

const hasCode = () => /\/setup\/?$/.test(location.pathname) && location.hash.length > 1

export function keepSetupCode(): void {
  // Pasted into the tab of a spent link only the hash of the address changes: it is an arrival too (D-077).
  addEventListener('hashchange', () => {
    if (hasCode()) location.reload()
  })
  if (!hasCode()) return
  code = location.hash.slice(1)
  history.replaceState(history.state, '', location.pathname)
}

/** The code, once. */
export function takeSetupCode(): string | undefined {
  const taken = code
  code = undefined
  return taken
}
