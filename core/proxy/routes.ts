/** Public paths and their aliases (contract 1.1): every spelling ends in one canonical path. */

/** Without its trailing slash and its `/v1`, which may be doubled, under the one name that the routes know. */
export function canonicalPath(path: string): string {
  const trimmed = path.replace(/\/$/, '')
  const bare = trimmed.replace(/^(?:\/v1){1,2}(?=\/|$)/, '')
  const named = bare.replace(/^\/wallet(?=\/|$)/, '/balance').replace(/^\/(?:v2|balance)(?=\/lightning\/)/, '')
  return named === '' ? '/' : named
}
