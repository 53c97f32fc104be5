/** `GET /openapi.json` and `/docs`: the public API as a document, and as a page without any script (configuration 4). */
import { guarded } from '../page-files'
import { jsonAnswer } from './answer'
import type { PublicNode, PublicRequest } from './node-port'
import { type Operation, operations, ref, type Schema, schemas, text } from './operations'

/** Everything but the root has `/v1` before it. */
const shownPath = (path: string): string => (['/', '/openapi.json', '/docs'].includes(path) ? path : `/v1${path}`)

export function publicOpenApi(version: string): Schema {
  const paths = Object.entries(operations).map(([path, methods]) => [
    shownPath(path),
    Object.fromEntries(Object.entries(methods).map(([method, one]) => [method, operationOf(path, one)])),
  ])
  return {
    openapi: '3.1.0',
    info: { title: 'routstr-node', version, description: 'Amounts are msat unless a name says sats.' },
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'sk-… or a Cashu token (contract 3.1)' },
        payment: { type: 'apiKey', in: 'header', name: 'X-Cashu', description: 'One token for one request.' },
      },
      schemas,
    },
  }
}

const json = (schema: Schema) => ({ 'application/json': { schema } })

function operationOf(path: string, { summary, by, query = {}, body, answer }: Operation): Schema {
  const inPath = /\{(.+?)\}/.exec(path)?.[1]
  return {
    summary,
    ...(by === undefined ? {} : { security: by === 'key' ? [{ key: [] }] : [{ key: [] }, { payment: [] }] }),
    parameters: [
      ...(inPath === undefined ? [] : [{ name: inPath, in: 'path', required: true, schema: text }]),
      ...Object.entries(query).map(([name, schema]) => ({ name, in: 'query', schema })),
    ],
    ...(body === undefined ? {} : { requestBody: { content: json(body) } }),
    responses: {
      200: { description: summary, content: json(answer) },
      default: { description: 'What went wrong (1.7).', content: json(ref('Error')) },
    },
  }
}

export const openApiDocument = ({ version }: PublicNode, { headers }: PublicRequest): Response =>
  jsonAnswer(publicOpenApi(version), headers)

/** For people: each path with what it is for. */
export function docsPage({ version }: PublicNode, { headers }: PublicRequest): Response {
  const entries = Object.entries(operations).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { summary }]) =>
        `<dt><code>${method.toUpperCase()} ${escaped(shownPath(path))}</code></dt><dd>${escaped(summary)}</dd>`,
    ),
  )
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>routstr-node API</title>
<h1>routstr-node ${escaped(version)}: public API</h1>
<p>As OpenAPI 3.1: <a href="/openapi.json">openapi.json</a>. Amounts are msat unless a name says sats.</p>
<dl>${entries.join('\n')}</dl></html>`
  return new Response(page, { headers: { ...headers, ...guarded, 'content-type': 'text/html; charset=utf-8' } })
}

const escaped = (words: string): string => words.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
