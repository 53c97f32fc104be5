/** The syntax tree of a TypeScript source, parsed once for all rules that read it. */
import { parseSync } from '@babel/core'

type Tree = NonNullable<ReturnType<typeof parseSync>>
const parsed = new Map<string, Tree>()

/** Throws on a text that is no TypeScript; `file` only says whether it is tsx, and where an error is. */
export function treeOf(file: string, text: string): Tree {
  const known = parsed.get(text)
  if (known !== undefined) return known
  const tree = parseSync(text, {
    configFile: false,
    babelrc: false,
    filename: file,
    parserOpts: { plugins: ['typescript', 'jsx'] },
  })
  if (tree === null) throw new Error(`${file} cannot be read`)
  parsed.set(text, tree)
  return tree
}
