/** Tokens that an image in a prompt stands for (contract 6.4); sizes are read from the data itself, never fetched. */

export type Detail = 'low' | 'high' | 'auto' | 'original'
export type Size = { readonly width: number; readonly height: number }

const unknownTokens = 765
const unknownOriginal = 36_000
const mostPatches = 30_000
/** A header is found in the first bytes; a JPEG's may follow much metadata. */
const headerBytes = 128 * 1024

export function imageTokens(size: Size | undefined, detail: Detail): number {
  if (detail === 'low') return 85
  if (size === undefined) return detail === 'original' ? unknownOriginal : unknownTokens
  const { width, height } = size
  if (detail === 'original')
    return Math.ceil((12 * Math.min(Math.ceil(width / 32) * Math.ceil(height / 32), mostPatches)) / 10)
  const fit = Math.min(1, 2048 / width, 2048 / height)
  const [w, h] = [width * fit, height * fit]
  const shrink = Math.min(1, 768 / Math.min(w, h))
  // Rounded, so that a product such as 2048 * 0.75 does not gain a tile by its last bit.
  return 85 + 170 * tiles(w * shrink) * tiles(h * shrink)
}

const tiles = (length: number): number => Math.max(1, Math.ceil(Math.round(length * 1e6) / 1e6 / 512))

/** Size of a PNG, GIF, JPEG or WebP in a data: URL or plain base64; undefined if it cannot be read. */
export function readImageSize(data: string): Size | undefined {
  const comma = data.startsWith('data:') ? data.indexOf(',') : -1
  if (data.startsWith('data:') && (comma === -1 || !data.slice(0, comma).endsWith(';base64'))) return undefined
  if (/^https?:/i.test(data)) return undefined
  const bytes = Buffer.from(data.slice(comma + 1, comma + 1 + Math.ceil((headerBytes * 4) / 3)), 'base64')
  return sizeOf(bytes)
}

function sizeOf(bytes: Buffer): Size | undefined {
  if (bytes.length < 24) return undefined
  if (bytes.readUInt32BE(0) === 0x89504e47) return sane(bytes.readUInt32BE(16), bytes.readUInt32BE(20))
  if (bytes.toString('latin1', 0, 3) === 'GIF') return sane(bytes.readUInt16LE(6), bytes.readUInt16LE(8))
  if (bytes.readUInt16BE(0) === 0xffd8) return jpegSize(bytes)
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') return webpSize(bytes)
  return undefined
}

function jpegSize(bytes: Buffer): Size | undefined {
  let at = 2
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) return undefined
    const marker = bytes[at + 1] ?? 0
    // Fill bytes before a marker, and markers that stand alone without a length.
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += 2
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return sane(bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5))
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}

function webpSize(bytes: Buffer): Size | undefined {
  const kind = bytes.toString('latin1', 12, 16)
  if (bytes.length < 30) return undefined
  if (kind === 'VP8X') return sane(bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1)
  if (kind === 'VP8 ') return sane(bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff)
  if (kind === 'VP8L') {
    const bits = bytes.readUInt32LE(21)
    return sane((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1)
  }
  return undefined
}

const sane = (width: number, height: number): Size | undefined =>
  width > 0 && height > 0 ? { width, height } : undefined
