/** The dashboard's files: assets as they were built, the one page for every path that it knows (remote-admin 9.5). */
import { join, normalize } from 'node:path'
import { guarded, problem } from './answers'

/** Pages that exist; every other path is 'not found', with status 404 (D-082). */
const pages = /^\/admin\/?$|^\/admin\/(sessions|models)(\/.*)?$|^\/admin\/(sign-in|setup)\/?$/

/** A file of the build, else the page itself, so that a deep link opens where it points. */
export async function pageOrAsset(folder: string, request: Request, url: URL): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return problem(405, 'method_not_allowed', `Method ${request.method} is not allowed here`)
  const wanted = normalize(decodeURIComponent(url.pathname.slice('/admin'.length)))
  const asset = Bun.file(join(folder, wanted))
  if (wanted.startsWith('/assets/') && (await asset.exists())) {
    return new Response(asset, { headers: { ...guarded, 'cache-control': 'public, max-age=31536000, immutable' } })
  }
  const index = Bun.file(join(folder, 'index.html'))
  if (!(await index.exists()))
    return new Response('The dashboard is not built yet; use: bun run node-admin call <command>', {
      status: 503,
      headers: guarded,
    })
  return new Response(index, {
    status: pages.test(url.pathname) ? 200 : 404,
    headers: { ...guarded, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
  })
}
