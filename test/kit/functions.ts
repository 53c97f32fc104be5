/** Measures functions in a TypeScript source: a line counts for the innermost function that it stands in. */
import { parseSync, traverse } from '@babel/core'

export type MeasuredFunction = { readonly line: number; readonly ownLines: number }

/** Lines of nested functions count for those, so that a `createX` with its closures is measured part by part. */
export function measureFunctions(file: string, text: string): readonly MeasuredFunction[] {
  const ast = parseSync(text, {
    configFile: false,
    babelrc: false,
    filename: file,
    parserOpts: { plugins: ['typescript', 'jsx'] },
  })
  if (ast === null) throw new Error(`${file} cannot be read`)
  const found: MeasuredFunction[] = []
  const open: { readonly line: number; readonly lines: number; inner: number }[] = []
  traverse(ast, {
    // Scopes are most of the work of a traversal, and nothing here asks for them.
    noScope: true,
    Function: {
      enter({ node }) {
        const { start, end } = node.loc ?? { start: { line: 0 }, end: { line: 0 } }
        open.push({ line: start.line, lines: end.line - start.line + 1, inner: 0 })
      },
      exit() {
        const done = open.pop()
        const outer = open.at(-1)
        if (done === undefined) return
        found.push({ line: done.line, ownLines: done.lines - done.inner })
        if (outer !== undefined && done.lines > 1) outer.inner += done.lines
      },
    },
  })
  return found
}
