/** Measures functions in a TypeScript source: a line counts for the innermost function that it stands in. */
import { types } from '@babel/core'
import { treeOf } from './parse'

export type MeasuredFunction = { readonly line: number; readonly ownLines: number }

/** Lines of nested functions count for those, so that a `createX` with its closures is measured part by part. */
export function measureFunctions(file: string, text: string): readonly MeasuredFunction[] {
  const found: MeasuredFunction[] = []
  /** Answers how many lines of what encloses the node belong to functions in it. */
  function walk(node: types.Node): number {
    const inner = childrenOf(node).reduce((lines, child) => lines + walk(child), 0)
    if (!types.isFunction(node) || !node.loc) return inner
    const { start, end } = node.loc
    const lines = end.line - start.line + 1
    found.push({ line: start.line, ownLines: lines - inner })
    return lines > 1 ? lines : 0
  }
  walk(treeOf(file, text))
  return found
}

const childrenOf = (node: types.Node): readonly types.Node[] =>
  (types.VISITOR_KEYS[node.type] ?? [])
    .flatMap((key) => (node as unknown as Record<string, types.Node | readonly types.Node[] | null>)[key] ?? [])
    .filter((child) => child !== null)
