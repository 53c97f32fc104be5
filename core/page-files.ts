/** Pages as they were built: assets for ever, the one page for every path that it knows, guarded (R-117, D-082). */
import { join, normalize } from 'node:path'

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
export const guarded = {
  'content-security-policy': policy,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** `known`: the paths that exist; every other one under `base` is 'not found', with status 404. */
export type Pages = { readonly folder: string; readonly base: string; readonly known: RegExp }

/** A file of the build, else the page itself, so that a deep link opens where it points. */
export async function pageOrAsset({ folder, base, known }: Pages, url: URL): Promise<Response> {
  const wanted = normalize(decoded(url.pathname.slice(base.length)))
  const asset = Bun.file(join(folder, wanted))
  if (wanted.startsWith('/assets/') && (await asset.exists())) {
    return new Response(asset, { headers: { ...guarded, 'cache-control': 'public, max-age=31536000, immutable' } })
  }
  const index = Bun.file(join(folder, 'index.html'))
  if (!(await index.exists()))
    return new Response('This page is not built yet; use: bun run build', { status: 503, headers: guarded })
  return new Response(index, {
    status: known.test(url.pathname) ? 200 : 404,
    headers: { ...guarded, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
  })
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
