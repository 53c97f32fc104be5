/** Walks a parsed body once and measures what hold and estimate need (contract 6.2, 6.4). Fetches nothing, ever. */
import type { Measure } from '../../events'
import { type Detail, imageTokens, readImageSize } from './image-size'

export type Features = {
  readonly webSearch: boolean
  /** The first hosted tool that has no price of its own. */
  readonly hostedTool: string | undefined
  readonly audio: boolean
  readonly imageOutput: boolean
}
export type Measured = { readonly measure: Measure; readonly features: Features }

type Json = Readonly<Record<string, unknown>>
type Sums = {
  textBytes: number
  tokenIntegers: number
  images: number
  imageTokens: number
  documentTokens: number
  unknownPrompt: boolean
  cacheControl: boolean
}

const bytesPerToken = 16
const mediaUrl = /^data:[^,]{0,200},/

export function measureBody(body: Json, searchHoldCalls: number): Measured {
  const sums: Sums = {
    textBytes: 0,
    tokenIntegers: 0,
    images: 0,
    imageTokens: 0,
    documentTokens: 0,
    unknownPrompt: false,
    cacheControl: false,
  }
  walk(body, sums)
  for (const field of ['prompt', 'input']) sums.tokenIntegers += integersIn(body[field])
  if (typeof body.previous_response_id === 'string') sums.unknownPrompt = true
  const features = featuresOf(body)
  return { measure: { ...sums, searches: features.webSearch ? searchesOf(body, searchHoldCalls) : 0 }, features }
}

/** Iterative: depth cannot exhaust the stack; every string and key is counted once. */
function walk(root: Json, sums: Sums): void {
  const open: unknown[] = [root]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value === 'string') sums.textBytes += textBytes(value)
    else if (Array.isArray(value)) for (const inner of value) open.push(inner)
    else if (typeof value === 'object' && value !== null) visit(value as Json, open, sums)
  }
}

function visit(part: Json, open: unknown[], sums: Sums): void {
  const media = mediaOf(part, sums)
  for (const [key, value] of Object.entries(part)) {
    sums.textBytes += Buffer.byteLength(key)
    if (key === 'cache_control') sums.cacheControl = true
    if (key !== media) open.push(value)
    // The other words of a media part count; its payload does not.
    else if (typeof value === 'object' && value !== null)
      for (const inner of Object.keys(value)) sums.textBytes += Buffer.byteLength(inner)
  }
}

/** Counts an image, audio or document part; answers the key that holds its payload. */
function mediaOf(part: Json, sums: Sums): string | undefined {
  switch (part.type) {
    case 'image_url': {
      const image = (typeof part.image_url === 'string' ? { url: part.image_url } : (part.image_url ?? {})) as Json
      const url = text(image.url)
      addImage(sums, url, image.detail ?? part.detail)
      // A remote address is text that the client sent; inline data is the picture itself.
      if (!mediaUrl.test(url)) sums.textBytes += Buffer.byteLength(url)
      if (typeof image.detail === 'string') sums.textBytes += Buffer.byteLength(image.detail)
      return 'image_url'
    }
    case 'input_image': {
      const url = text(part.image_url)
      addImage(sums, url, part.detail)
      return mediaUrl.test(url) ? 'image_url' : undefined
    }
    case 'image': {
      const source = (part.source ?? {}) as Json
      addImage(sums, text(source.data ?? source.url), undefined)
      return source.data === undefined ? undefined : 'source'
    }
    case 'input_audio':
      return 'input_audio'
    case 'file':
    case 'input_file':
    case 'document':
      return documentOf(part, sums)
    default:
      return undefined
  }
}

function documentOf(part: Json, sums: Sums): string | undefined {
  const holder = ['file', 'source'].find((key) => typeof part[key] === 'object' && part[key] !== null)
  const inner = (holder === undefined ? part : part[holder]) as Json
  if (['url', 'file_url'].some((key) => typeof inner[key] === 'string')) sums.unknownPrompt = true
  const data = text(inner.file_data ?? inner.data)
  if (data === '') return undefined
  const payload = data.replace(mediaUrl, '')
  sums.documentTokens += Math.ceil((payload.length * 3) / 4 / bytesPerToken)
  return holder ?? (inner.file_data === undefined ? 'data' : 'file_data')
}

function addImage(sums: Sums, data: string, detail: unknown): void {
  const wanted: Detail = detail === 'low' || detail === 'high' || detail === 'original' ? detail : 'auto'
  sums.images += 1
  sums.imageTokens += imageTokens(readImageSize(data), wanted)
}

const textBytes = (value: string): number => (mediaUrl.test(value) ? 0 : Buffer.byteLength(value))
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Integers of a token array, or of a list of them. */
function integersIn(value: unknown): number {
  if (!Array.isArray(value)) return 0
  return value.reduce<number>(
    (sum, one) => sum + (Number.isInteger(one) ? 1 : Array.isArray(one) ? one.filter(Number.isInteger).length : 0),
    0,
  )
}

const toolsOf = (body: Json): readonly Json[] =>
  Array.isArray(body.tools) ? body.tools.filter((tool) => typeof tool === 'object' && tool !== null) : []
const isSearch = (type: unknown): boolean => typeof type === 'string' && type.startsWith('web_search')
const ownTools = new Set(['function', 'custom'])

function featuresOf(body: Json): Features {
  const tools = toolsOf(body)
  const plugins = Array.isArray(body.plugins) ? (body.plugins as Json[]) : []
  const modalities = Array.isArray(body.modalities) ? body.modalities : []
  const isSet = (value: unknown) => value !== undefined && value !== null
  return {
    webSearch:
      tools.some((tool) => isSearch(tool.type)) ||
      isSet(body.web_search_options) ||
      plugins.some((plugin) => plugin?.id === 'web'),
    hostedTool: tools
      .map((tool) => tool.type)
      .find((type): type is string => typeof type === 'string' && !ownTools.has(type) && !isSearch(type)),
    audio: modalities.includes('audio') || isSet(body.audio) || hasAudioInput(body),
    imageOutput: modalities.includes('image'),
  }
}

function hasAudioInput(body: Json): boolean {
  const messages = Array.isArray(body.messages) ? (body.messages as Json[]) : []
  return messages.some(
    (message) =>
      Array.isArray(message?.content) && (message.content as Json[]).some((part) => part?.type === 'input_audio'),
  )
}

function searchesOf(body: Json, holdCalls: number): number {
  const limits = toolsOf(body)
    .filter((tool) => isSearch(tool.type))
    .map((tool) => tool.max_uses)
  const [most] = limits.filter((uses): uses is number => typeof uses === 'number' && Number.isInteger(uses) && uses > 0)
  return most ?? holdCalls
}
