/** The pseudo-language: every word of the text files in other letters and 40 % longer (dashboard 7). In no product build. */

const letters: Readonly<Record<string, string>> = Object.fromEntries(
  [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((letter, n) => [
    letter,
    [...'àƀćđéƒǵĥíĵķĺmñóƥɋŕśťúvŵxýžÀƁĆĐÉƑǴĤÍĴĶĹMÑÓƤɊŔŚŤÚVŴXÝŽ'][n] ?? letter,
  ]),
)

/** A word is met only once: in its new letters it is none of these. What a sentence was given stands in it as well. */
const spoken = (words: string): string =>
  words.replaceAll(/[A-Za-z]+/g, (word) => {
    const dressed = [...word].map((letter) => letters[letter] ?? letter).join('')
    return `${dressed}${'ő'.repeat(Math.ceil(word.length * 0.4))}`
  })

/** The same words, in the pseudo-language; a text file is nothing but strings and functions that answer some. */
export function pseudo<Words>(words: Words): Words
export function pseudo(words: unknown): unknown {
  if (typeof words === 'string') return spoken(words)
  if (typeof words === 'function') return (...given: unknown[]) => pseudo(words(...given))
  if (Array.isArray(words)) return words.map((word) => pseudo(word))
  if (typeof words !== 'object' || words === null) return words
  return Object.fromEntries(Object.entries(words).map(([name, inner]) => [name, pseudo(inner)]))
}
