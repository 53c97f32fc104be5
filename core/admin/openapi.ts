/** `GET /admin/api/openapi.json`: the admin door in OpenAPI 3.1, out of the one table and the paths themselves. */
import { z } from 'zod'
import type { Row } from './command'
import { errorRows } from './envelope'
import { pathRoutes } from './paths/paths'
import type { Table } from './table'

type Schema = Readonly<Record<string, unknown>>
type Schemas = Record<string, Schema>

const error = {
  type: 'object',
  required: ['type', 'error', 'request_id'],
  properties: {
    type: { const: 'error' },
    error: {
      type: 'object',
      required: ['message', 'type', 'code'],
      properties: {
        message: { type: 'string' },
        type: { type: 'string' },
        code: { type: 'string' },
        details: { type: 'object' },
      },
    },
    request_id: { type: 'string' },
  },
}
const rpcError = {
  type: 'object',
  required: ['code', 'message', 'data'],
  properties: {
    code: { enum: Object.values(errorRows).map(([code]) => code) },
    message: { type: 'string' },
    data: {
      type: 'object',
      required: ['reason'],
      properties: { reason: { enum: Object.keys(errorRows) } },
    },
  },
}

/** The table of a node never changes, and its document takes a while to make. */
const made = new WeakMap<Table, Schema>()

export function adminOpenApi(table: Table, version: string): Schema {
  const document = made.get(table) ?? documentOf(table, version)
  made.set(table, document)
  return document
}

function documentOf(table: Table, version: string): Schema {
  const schemas: Schemas = { Error: error, RpcError: rpcError }
  const rows = table.rows.filter((row) => row.role !== 'none')
  const requests = rows.map((row) => requestOf(row, schemas))
  const results = rows.map((row) => schemaOf(`${row.name}.result`, row.out, 'output', schemas))
  return {
    openapi: '3.1.0',
    info: { title: 'routstr-node admin API', version },
    security: [{ cookie: [] }, { nip98: [] }],
    paths: {
      '/admin/api/rpc': { post: rpcOperation(requests, results) },
      ...pathItems(schemas),
      ...ownPaths,
    },
    components: {
      securitySchemes: {
        cookie: { type: 'apiKey', in: 'cookie', name: 'routstr_admin' },
        nip98: {
          type: 'http',
          scheme: 'Nostr',
          description: 'NIP-98 over method, URL and body; one header, one request.',
        },
      },
      schemas,
    },
  }
}

function requestOf(row: Row, schemas: Schemas): Schema {
  return {
    type: 'object',
    title: row.name,
    description: said(row),
    required: ['id', 'method'],
    properties: {
      v: { const: 1 },
      id: { type: 'string', minLength: 8, maxLength: 64 },
      method: { const: row.name },
      params: schemaOf(`${row.name}.params`, row.in, 'input', schemas),
      exp: { type: 'integer' },
      ifRev: { type: 'integer' },
      notBefore: { type: 'integer' },
    },
  }
}

function said({ role, stepUp, class: kind, maxAgeS, doors, aliases = [] }: Row): string {
  const proof = stepUp === 'S' ? '; with step-up' : stepUp === 'S?' ? '; with step-up where it says so' : ''
  const door = doors === 'H' ? '; HTTP and console only' : ''
  const also = aliases.length === 0 ? '' : `; also ${aliases.join(', ')}`
  return `role ${role}${proof}; class ${kind}; at most ${maxAgeS} s old${door}${also}`
}

const rpcOperation = (requests: readonly Schema[], results: readonly Schema[]): Schema => ({
  operationId: 'rpc',
  summary: 'One command or query of the table (remote-admin 10).',
  requestBody: { required: true, content: jsonContent({ oneOf: requests }) },
  responses: {
    200: {
      description: 'The answer, the error or a pending line in its envelope.',
      content: jsonContent({
        type: 'object',
        required: ['v', 'now'],
        properties: {
          v: { const: 1 },
          id: { type: 'string' },
          result: { anyOf: results },
          error: { $ref: '#/components/schemas/RpcError' },
          position: { type: 'integer' },
          rev: { type: 'integer' },
          now: { type: 'integer' },
          replayed: { type: 'boolean' },
        },
      }),
    },
    default: problemAnswer,
  },
})

const jsonContent = (schema: Schema) => ({ 'application/json': { schema } })
const problemAnswer = {
  description: 'The standard error envelope.',
  content: jsonContent({ $ref: '#/components/schemas/Error' }),
}

/** The paths of RIP-07, grouped by path. */
function pathItems(schemas: Schemas): Schema {
  const items: Record<string, Record<string, unknown>> = {}
  for (const { method, path, summary, commands, body } of pathRoutes) {
    const name = /\{(.+)\}$/.exec(path)?.[1]
    const operation = {
      operationId: `${method.toLowerCase()} ${path}`,
      summary,
      description: `Maps to ${commands.join(', ')}.`,
      parameters: [
        ...(name === undefined ? [] : [{ name, in: 'path', required: true, schema: { type: 'string' } }]),
        ...(method === 'GET' ? [] : [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string' } }]),
      ],
      ...(body === undefined
        ? {}
        : {
            requestBody: { content: jsonContent(schemaOf(`${method} ${path}`, body, 'input', schemas)) },
          }),
      responses: { 200: { description: 'As the command answers, in snake_case.' }, default: problemAnswer },
    }
    const own = `/admin/api${path}`
    items[own] = { ...items[own], [method.toLowerCase()]: operation }
  }
  return items
}

const answered = (summary: string, type: string, parameters: readonly Schema[] = []): Schema => ({
  get: {
    summary,
    parameters,
    responses: { 200: { description: summary, content: { [type]: {} } }, default: problemAnswer },
  },
})
const inPath = (name: string): Schema => ({ name, in: 'path', required: true, schema: { type: 'string' } })
const ownPaths: Schema = {
  '/admin/api/watch': answered('Snapshots of the topics, every 2 s.', 'text/event-stream', [
    { name: 'topics', in: 'query', required: true, schema: { type: 'string' } },
  ]),
  '/admin/api/export/{file}': answered('A list as CSV or JSON: what.csv or what.json.', 'text/csv', [inPath('file')]),
  '/admin/api/backups/{id}': answered('A sealed backup.', 'application/octet-stream', [inPath('id')]),
  '/admin/api/openapi.json': answered('This document.', 'application/json'),
}

/** Names the schema among the components; what it defines inside itself moves there too. */
function schemaOf(name: string, type: z.ZodType, io: 'input' | 'output', schemas: Schemas): Schema {
  const own = name.replace(/[^A-Za-z0-9._-]+/g, '-')
  const drawn = z.toJSONSchema(type, { io, unrepresentable: 'any', reused: 'inline' }) as Schema
  const { $defs = {}, $schema: _, ...schema } = drawn
  const moved = (text: string) => text.replaceAll('"#/$defs/', `"#/components/schemas/${own}.`)
  for (const [inner, definition] of Object.entries($defs as Schemas))
    schemas[`${own}.${inner}`] = JSON.parse(moved(JSON.stringify(definition))) as Schema
  schemas[own] = JSON.parse(moved(JSON.stringify(schema))) as Schema
  return { $ref: `#/components/schemas/${own}` }
}
