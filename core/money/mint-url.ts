/** The one spelling of a mint's address. */

/** One mint has one spelling: scheme and host in small letters, no default port, no trailing slash (contract 3.3). */
export function normaliseMintUrl(url: string): string | undefined {
  const parsed = URL.parse(url.trim())
  if (
    parsed === null ||
    !['http:', 'https:'].includes(parsed.protocol) ||
    parsed.username !== '' ||
    parsed.search !== '' ||
    parsed.hash !== ''
  )
    return undefined
  return `${parsed.protocol}//${parsed.host}${parsed.pathname.replace(/\/+$/, '')}`
}
