/** Upstreams by path (remote-admin 9.6); a key goes in and never comes out. */
import { z } from 'zod'
import { json, problem } from '../answers'
import type { Part } from '../together'
import type { PathCall, PathRoute } from './path-route'
import { camel, redacted, snake } from './words'

const fields = {
  name: z.string(),
  base_url: z.string(),
  fee: z.union([z.string(), z.number()]).nullable(),
  priority: z.int(),
  endpoints: z.array(z.string()).nullable(),
  billing: z.string(),
  hosted_tools: z.boolean(),
  stream_usage: z.boolean(),
}
const bodyOfChange = z.object(fields).partial().extend({ api_key: z.string().optional() })
const bodyOfAdd = bodyOfChange.extend({
  name: fields.name,
  base_url: fields.base_url,
  kind: z.string(),
  api_keys: z.array(z.string()).optional(),
})

const shown = (row: { readonly keyLast4: readonly string[] }): unknown => ({
  ...(snake(row) as object),
  api_key: row.keyLast4.length === 0 ? '' : redacted,
})

const listUpstreams: PathRoute = {
  method: 'GET',
  path: '/upstreams',
  commands: ['upstreams.list'],
  summary: 'Every upstream; of its keys the last four characters.',
  async run({ ask }) {
    const result = await ask('upstreams.list', {})
    return result instanceof Response ? result : json(result.rows.map(shown))
  },
}

const addUpstream: PathRoute = {
  method: 'POST',
  path: '/upstreams',
  commands: ['upstreams.add'],
  summary: 'Adds an upstream.',
  body: bodyOfAdd,
  async run({ ask, body }) {
    const { api_key: key, ...rest } = body
    const apiKeys = rest.api_keys ?? (key === undefined || key === '' ? [] : [key])
    const result = await ask('upstreams.add', { ...camel(rest), apiKeys } as never)
    return result instanceof Response ? result : json(shown(result), 201)
  },
}

const changeUpstream: PathRoute = {
  method: 'PATCH',
  path: '/upstreams/{id}',
  commands: ['upstreams.change', 'upstreams.replaceKey', 'upstreams.get'],
  summary: 'Changes an upstream; a key takes the place of all its keys, an empty one only removes them.',
  body: bodyOfChange,
  async run(call) {
    const [first, ...more] = changes(call)
    if (first === undefined) return problem(400, 'params', 'nothing to change')
    const refused = await call.askTogether([first, ...more])
    if (refused !== undefined) return refused
    const upstream = typeof call.body.name === 'string' ? call.body.name : call.rest
    const result = await call.ask('upstreams.get', { upstream })
    return result instanceof Response ? result : json(shown(result))
  },
}

function changes({ body, rest: upstream, part }: PathCall): Part[] {
  const { api_key: key, ...asked } = body
  const wanted = Object.fromEntries(Object.entries(asked).filter(([name]) => Object.hasOwn(fields, name)))
  const add = key === '' ? [] : [key]
  // Only what was read comes back so: the keys stay.
  const isNewKey = key !== undefined && key !== redacted
  return [
    ...(Object.keys(wanted).length === 0 ? [] : [part('upstreams.change', { ...camel(wanted), upstream } as never)]),
    // None of the old ones stays, so that none of them meets another host.
    ...(isNewKey ? [part('upstreams.replaceKey', { upstream, apiKeys: { add, remove: ['all'] } } as never)] : []),
  ]
}

const removeUpstream: PathRoute = {
  method: 'DELETE',
  path: '/upstreams/{id}',
  commands: ['upstreams.remove'],
  summary: 'Removes an upstream with its models; its keys are erased.',
  async run({ ask, rest }) {
    const result = await ask('upstreams.remove', { upstream: rest })
    return result instanceof Response ? result : json(result)
  },
}

export const upstreamPaths: readonly PathRoute[] = [listUpstreams, addUpstream, changeUpstream, removeUpstream]
