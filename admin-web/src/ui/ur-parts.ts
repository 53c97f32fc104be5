/**
 * A long text as parts of a UR (BCR-2020-005, multipart; NUT-16), each short enough for one QR code.
 * Only the plain fragments are made, which every reader takes in any order. The mixed ones of a fountain would need the
 * reference library, a part of which is under the GPL: it decodes ours in the tests and is not shipped.
 */

/** Most bytes of the text in one part: a code of some 70 modules a side, which a telephone reads from a screen. */
const mostBytes = 150

/** First and last letter of each of the 256 bytewords (BCR-2020-012, minimal). */
const letters =
  'aeadaoaxaaahamatayasbkbdbnbtbabsbebybgbwbbbzcmchcscfcycwcecackctcxclcpcndkdadsdidedtdrdndwdpdmdldyeheyeoeeecenem' +
  'etesftfrfnfsfmfhfzfpfwfxfyfefgflfdgagegrgsgtglgwgdgygmgughgohfhghdhkhthphhhlhyhehnhsidiaieihiyioisinimjejzjnjtjl' +
  'jojsjpjkjykpkoktkskkknkgkekikblblalylflslrlplnltloldlelulklgmnmymhmemomumwmdmtmsmknlnyndnsntnnnenboyoeotoxonolos' +
  'pdptpkpypspmplpepfpaprqdqzrerprlrorhrdrkrfryrnrsrtsesasrssskswstspsosgsbsfsntotktitttdtetytltbtstptatnuyuoutueur' +
  'vtvyvovlvevwvavdvswlwdwmwpwewywswtwnwzwfwkykynylyaytzszoztzczezm'

/** `ur:bytes/1-3/…`; a reader that saw each of them has the text. */
export function urParts(text: string): readonly string[] {
  const message = bytesHead([...new TextEncoder().encode(text)])
  const parts = Math.ceil(message.length / mostBytes)
  if (parts === 1) return [`ur:bytes/${worded(message)}`]
  const length = Math.ceil(message.length / parts)
  const checksum = crc32(message)
  return Array.from({ length: parts }, (_, index) => {
    const fragment = message.slice(index * length, (index + 1) * length)
    const padded = [...fragment, ...Array<number>(length - fragment.length).fill(0)]
    const numbers = [index + 1, parts, message.length, checksum].flatMap((value) => cborHead(0, value))
    return `ur:bytes/${index + 1}-${parts}/${worded([0x85, ...numbers, ...bytesHead(padded)])}`
  })
}

/** Head of a CBOR item (RFC 8949, 3): its kind and a number in as few bytes as hold it. */
function cborHead(kind: number, value: number): readonly number[] {
  const top = kind << 5
  if (value < 24) return [top | value]
  if (value < 0x100) return [top | 24, value]
  if (value < 0x10000) return [top | 25, value >> 8, value & 0xff]
  return [top | 26, ...word(value)]
}

const bytesHead = (bytes: readonly number[]): readonly number[] => [...cborHead(2, bytes.length), ...bytes]
const word = (value: number): readonly number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff)

const worded = (bytes: readonly number[]): string =>
  [...bytes, ...word(crc32(bytes))].map((byte) => letters.slice(2 * byte, 2 * byte + 2)).join('')

/** CRC-32 of IEEE 802.3, bit by bit: the texts are short. */
function crc32(bytes: readonly number[]): number {
  let rest = 0xffffffff
  for (const byte of bytes) {
    rest ^= byte
    for (let bit = 0; bit < 8; bit += 1) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0)
  }
  return (rest ^ 0xffffffff) >>> 0
}
