/** Walks a parsed body once and measures what hold and estimate need (contract 6.2, 6.4). Fetches nothing, ever. */
import type { Measure } from '../../events'
import { type Json, mediaOf } from './media-parts'

export type Features = {
  readonly webSearch: boolean
  /** The first hosted tool that has no price of its own. */
  readonly hostedTool: string | undefined
  readonly audio: boolean
  readonly imageOutput: boolean
  /** An earlier answer is referred to: only the upstream that gave it knows it, so there is no failover (6.2). */
  readonly references: boolean
}
export type Measured = { readonly measure: Measure; readonly features: Features }

type Sums = {
  textBytes: number
  images: number
  imageTokens: number
  documentTokens: number
  byUrl: boolean
  audio: boolean
  cacheControl: boolean
  cacheHour: boolean
}

export function measureBody(body: Json, searchHoldCalls: number): Measured {
  const { byUrl, audio, ...sums } = walk(body)
  const references = refersBack(body)
  const webSearch = usesSearch(body)
  return {
    measure: {
      ...sums,
      tokenIntegers: integersIn(body.prompt) + integersIn(body.input),
      unknownPrompt: byUrl || references,
      searches: webSearch ? searchesOf(body, searchHoldCalls) : 0,
    },
    features: {
      webSearch,
      hostedTool: hostedTool(body),
      audio: audio || asksFor(body, 'audio') || isSet(body.audio),
      imageOutput: asksFor(body, 'image'),
      references,
    },
  }
}

/** Where the parts of a prompt stand, and what may hold parts inside of one; anything else is text, whatever its shape. */
const prompts = new Set(['messages', 'input'])
const holders = new Set(['content', 'output', 'source', 'images'])

/** Iterative: depth cannot exhaust the stack; every string and key is counted once, payloads of media never. */
function walk(root: Json): Sums {
  const sums: Sums = {
    textBytes: 0,
    images: 0,
    imageTokens: 0,
    documentTokens: 0,
    byUrl: false,
    audio: false,
    cacheControl: false,
    cacheHour: false,
  }
  const payloads = new Map<Json, string>()
  const parts: unknown[] = []
  const plain: unknown[] = []
  countInto(sums, root, (key, value) => (prompts.has(key) ? parts : plain).push(value))
  each(parts, sums, (part) => {
    noteMedia(part, sums, payloads)
    const skipped = payloads.get(part)
    countInto(sums, part, (key, value) => key !== skipped && (holders.has(key) ? parts : plain).push(value))
  })
  each(plain, sums, (part) => {
    const skipped = payloads.size === 0 ? undefined : payloads.get(part)
    countInto(sums, part, (key, value) => key !== skipped && plain.push(value))
  })
  return sums
}

/** Takes values off the list until none is left; `visit` may add more. */
function each(open: unknown[], sums: Sums, visit: (part: Json) => void): void {
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value === 'string') sums.textBytes += Buffer.byteLength(value)
    else if (Array.isArray(value)) for (const inner of value) open.push(inner)
    else if (typeof value === 'object' && value !== null) visit(value as Json)
  }
}

function noteMedia(part: Json, sums: Sums, payloads: Map<Json, string>): void {
  const media = mediaOf(part)
  if (media === undefined) return
  sums.images += media.images
  sums.imageTokens += media.imageTokens
  sums.documentTokens += media.documentTokens
  sums.byUrl ||= media.byUrl
  sums.audio ||= media.audio
  if (media.payload !== undefined) payloads.set(media.payload.holder, media.payload.key)
}

function countInto(sums: Sums, part: Json, open: (key: string, value: unknown) => unknown): void {
  for (const key of Object.keys(part)) {
    sums.textBytes += Buffer.byteLength(key)
    const value = part[key]
    if (key === 'cache_control' && isSet(value)) {
      sums.cacheControl = true
      sums.cacheHour ||= (value as Json).ttl === '1h'
    }
    open(key, value)
  }
}

/** Integers of a token array, or of a list of them. */
function integersIn(value: unknown): number {
  if (!Array.isArray(value)) return 0
  let sum = 0
  for (const one of value) {
    if (Number.isInteger(one)) sum += 1
    else if (Array.isArray(one)) sum += one.filter(Number.isInteger).length
  }
  return sum
}

/** An item of a Responses input that is only an id stands for text we cannot see. */
function refersBack(body: Json): boolean {
  if (isSet(body.previous_response_id)) return true
  return listOf(body.input).some(
    ({ type, id, role, content }) =>
      type === 'item_reference' ||
      (!isSet(type) && typeof id === 'string' && role === undefined && content === undefined),
  )
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null
const listOf = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : []
const asksFor = (body: Json, modality: string): boolean =>
  Array.isArray(body.modalities) && body.modalities.includes(modality)

const isSearch = (type: unknown): boolean => typeof type === 'string' && type.startsWith('web_search')
const ownTools = new Set(['function', 'custom'])

function usesSearch(body: Json): boolean {
  return (
    listOf(body.tools).some((tool) => isSearch(tool.type)) ||
    isSet(body.web_search_options) ||
    listOf(body.plugins).some((plugin) => plugin.id === 'web')
  )
}

/** A tool that the upstream runs itself and asks money for; MCP servers are such tools under another name. */
function hostedTool(body: Json): string | undefined {
  const servers = listOf(body.mcp_servers).length > 0 ? 'mcp' : undefined
  return (
    listOf(body.tools)
      .map((tool) => tool.type)
      .find((type): type is string => typeof type === 'string' && !ownTools.has(type) && !isSearch(type)) ?? servers
  )
}

/** Beyond this a search tool's own bound is none. */
const mostSearches = 1_000_000

/** Searches of all search tools: each its `max_uses`, else the setting (contract 6.4). */
function searchesOf(body: Json, holdCalls: number): number {
  const tools = listOf(body.tools).filter((tool) => isSearch(tool.type))
  const uses = ({ max_uses: most }: Json): number =>
    typeof most === 'number' && Number.isInteger(most) && most > 0 ? Math.min(most, mostSearches) : holdCalls
  return tools.length === 0 ? holdCalls : tools.reduce((sum, tool) => sum + uses(tool), 0)
}
