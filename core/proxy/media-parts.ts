/** Finds what in a body is not text: images, documents, audio; their payload is counted as such, not as prompt text. */
import { type Detail, imageTokens, readImageSize } from './image-size'

export type Json = Readonly<Record<string, unknown>>

/** What one part of a body adds besides its text. */
export type Media = {
  readonly images: number
  readonly imageTokens: number
  /** Tokens that inline documents and recordings stand for. */
  readonly documentTokens: number
  /** A document that only the upstream can fetch: nobody here knows its size (contract 6.4). */
  readonly byUrl: boolean
  readonly audio: boolean
  /** Where the payload stands that is no text; undefined where every string is one. */
  readonly payload: { readonly holder: Json; readonly key: string } | undefined
}

/** Contract 6.4: a document is taken for a token per 16 bytes; sound as in a transcription, one per 200. */
const documentBytesPerToken = 16
const audioBytesPerToken = 200
const none: Media = { images: 0, imageTokens: 0, documentTokens: 0, byUrl: false, audio: false, payload: undefined }
const documents = new Set(['file', 'input_file', 'document', 'video_url', 'input_video'])

/** undefined for an object that is no media part, which is nearly every one. */
export function mediaOf(part: Json): Media | undefined {
  const { type } = part
  if (part.image_url !== undefined) return imageByUrl(part)
  if (type === 'image') return imageBlock(part)
  if (type === 'image_generation_call') return image(part, 'result', text(part.result), undefined)
  if (type === 'input_audio' || type === 'audio_url') return audioPart(part, type)
  return typeof type === 'string' && documents.has(type) ? documentPart(part, type) : undefined
}

/** `image_url` of chat (an object, or text) and of Responses (text); some upstreams read it without any type. */
function imageByUrl(part: Json): Media | undefined {
  const value = part.image_url
  if (typeof value === 'string') return image(part, 'image_url', value, part.detail)
  const inner = object(value)
  if (inner !== undefined && typeof inner.url === 'string')
    return image(inner, 'url', inner.url, inner.detail ?? part.detail)
  return undefined
}

/** The image block of Messages. */
function imageBlock(part: Json): Media | undefined {
  const source = object(part.source)
  if (source === undefined)
    return typeof part.image === 'string' ? image(part, 'image', part.image, undefined) : undefined
  return typeof source.data === 'string'
    ? image(source, 'data', source.data, undefined)
    : image(source, 'url', text(source.url), undefined)
}

function image(holder: Json, key: string, data: string, detail: unknown): Media {
  const wanted: Detail = detail === 'low' || detail === 'high' || detail === 'original' ? detail : 'auto'
  const isInline = /^data:/i.test(data) || key === 'data' || key === 'result'
  return {
    ...none,
    images: 1,
    imageTokens: imageTokens(readImageSize(data), wanted),
    payload: isInline ? { holder, key } : undefined,
  }
}

function audioPart(part: Json, type: string): Media {
  const holder = object(part[type])
  if (holder === undefined) return { ...none, audio: true }
  const [key, data] = typeof holder.data === 'string' ? ['data', holder.data] : ['url', text(holder.url)]
  if (isRemote(data)) return { ...none, audio: true, byUrl: true }
  const documentTokens = Math.ceil(decodedBytes(data) / audioBytesPerToken)
  return { ...none, audio: true, documentTokens, payload: { holder, key } }
}

/** Files of chat and Responses, documents of Messages, videos: all are tokens that only the upstream can count. */
function documentPart(part: Json, type: string): Media {
  const holder = object(part[type]) ?? object(part.source) ?? part
  // Plain text and blocks inside a document block are prompt text like any other.
  if (holder.type === 'text' || holder.type === 'content') return none
  for (const key of ['url', 'file_url', 'video_url', 'file_data', 'data']) {
    const data = holder[key]
    if (typeof data !== 'string' || data === '') continue
    const isAddress = key.endsWith('url') && !/^data:/i.test(data)
    if (isAddress || isRemote(data)) return { ...none, byUrl: true }
    const documentTokens = Math.ceil(decodedBytes(data) / documentBytesPerToken)
    return { ...none, documentTokens, payload: { holder, key } }
  }
  return none
}

const isRemote = (data: string): boolean => /^\s*https?:/i.test(data)

/** Bytes behind a data: URL or plain base64. */
function decodedBytes(data: string): number {
  const comma = /^data:/i.test(data) ? data.indexOf(',') : -1
  const length = data.length - comma - 1
  if (comma !== -1 && !/;base64$/i.test(data.slice(0, comma))) return length
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0
  return Math.max(0, Math.floor((length * 3) / 4) - (length % 4 === 0 ? padding : 0))
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const object = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
