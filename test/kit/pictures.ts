/** Headers of pictures of any size, as data: URLs; nothing behind the header, for nobody decodes them. */

const url = (mime: string, bytes: Buffer): string =>
  `data:image/${mime};base64,${Buffer.concat([bytes, Buffer.alloc(40)]).toString('base64')}`

export function png(width: number, height: number): string {
  const bytes = Buffer.alloc(33)
  bytes.writeUInt32BE(0x89504e47, 0)
  bytes.writeUInt32BE(0x0d0a1a0a, 4)
  bytes.write('IHDR', 12, 'latin1')
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return url('png', bytes)
}

export function gif(width: number, height: number): string {
  const bytes = Buffer.from('GIF89a....', 'latin1')
  bytes.writeUInt16LE(width, 6)
  bytes.writeUInt16LE(height, 8)
  return url('gif', bytes)
}

/** A JPEG with metadata, fill bytes and a table before its frame. */
export function jpeg(width: number, height: number, metadataBytes = 300): string {
  const segment = (marker: number, length: number) => {
    const bytes = Buffer.alloc(2 + length)
    bytes.writeUInt16BE(0xff00 | marker, 0)
    bytes.writeUInt16BE(length, 2)
    return bytes
  }
  const frame = segment(0xc2, 17)
  frame.writeUInt16BE(height, 5)
  frame.writeUInt16BE(width, 7)
  const parts: Buffer[] = [Buffer.from([0xff, 0xd8])]
  for (let left = metadataBytes; left > 0; left -= 65_000) parts.push(segment(0xe1, Math.min(left, 65_000) + 2))
  return url('jpeg', Buffer.concat([...parts, Buffer.from([0xff, 0xff]), segment(0xc4, 20), frame]))
}

export function webp(width: number, height: number, kind: 'VP8 ' | 'VP8L' | 'VP8X'): string {
  const bytes = Buffer.alloc(30)
  bytes.write('RIFF', 0, 'latin1')
  bytes.write(`WEBP${kind}`, 8, 'latin1')
  if (kind === 'VP8X') {
    bytes.writeUIntLE(width - 1, 24, 3)
    bytes.writeUIntLE(height - 1, 27, 3)
  } else if (kind === 'VP8 ') {
    bytes.writeUInt16LE(width, 26)
    bytes.writeUInt16LE(height, 28)
  } else {
    bytes[20] = 0x2f
    bytes.writeUInt32LE((width - 1) | ((height - 1) << 14), 21)
  }
  return url('webp', bytes)
}
