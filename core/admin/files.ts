/** The dashboard's files under `/admin/` (remote-admin 9.5). */
import { pageOrAsset } from '../page-files'
import { problem } from './answers'

const known = /^\/admin\/?$|^\/admin\/(sessions|models|settings|withdraw|logs)(\/.*)?$|^\/admin\/(sign-in|setup)\/?$/

export async function dashboardFile(folder: string, request: Request, url: URL): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return problem(405, 'method_not_allowed', `Method ${request.method} is not allowed here`)
  return pageOrAsset({ folder, base: '/admin', known }, url)
}
