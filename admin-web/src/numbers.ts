/** How numbers are grouped and pointed: as the reader chose, first as the browser does (dashboard 4.4, Display). */
import { type NumberStyle, numberStyle } from './preferences'

/** A place whose habit each style is; undefined: that of the browser. */
const locales: Readonly<Record<NumberStyle, string | undefined>> = {
  browser: undefined,
  point: 'en-US',
  comma: 'de-DE',
  space: 'fr-FR',
  apostrophe: 'de-CH',
}

function writersOf(style: NumberStyle) {
  const written = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locales[style], options)
  const wholes = written({ maximumFractionDigits: 0 })
  const dollars = written({ minimumFractionDigits: 2, maximumFractionDigits: 2 })
  return {
    wholes,
    dollars,
    exactDollars: written({ minimumFractionDigits: 2, maximumFractionDigits: 12 }),
    smallDollars: written({ maximumSignificantDigits: 2, minimumSignificantDigits: 2 }),
    tenths: written({ minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    short: written({ maximumSignificantDigits: 3 }),
    decimalMark: dollars.formatToParts(1.5).find(({ type }) => type === 'decimal')?.value ?? '.',
    groupMark: wholes.formatToParts(12345678).find(({ type }) => type === 'group')?.value ?? ',',
  }
}

const made = new Map<NumberStyle, ReturnType<typeof writersOf>>()

/** Those in force; what a page has written follows when another style is chosen. */
export function numbers(style: NumberStyle = numberStyle.value()): ReturnType<typeof writersOf> {
  const writers = made.get(style) ?? writersOf(style)
  made.set(style, writers)
  return writers
}
