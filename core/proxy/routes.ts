/** Public paths and their aliases (contract 1.1): every spelling ends in one canonical path. */

/** Without trailing slashes, with one `/v1` at most, under the one name that the routes know. */
export function canonicalPath(path: string): string {
  const trimmed = path.replace(/\/+$/, '')
  const bare = trimmed.replace(/^(?:\/v1)+(?=\/|$)/, '')
  const named = bare.replace(/^\/wallet(?=\/|$)/, '/balance')
  return named === '' ? '/' : named
}
