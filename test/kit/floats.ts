/** Finds arithmetic on amounts that may leave the whole numbers (P-14); a name that ends in its unit is an amount. */
import { type NodePath, traverse, type types } from '@babel/core'
import { treeOf } from './parse'

export type FloatUse = { readonly line: number; readonly within: string; readonly what: string }

/** A name tells that it is an amount: `costMsat`, `sats`, `feeUnits`. */
const isAmount = (name: string): boolean =>
  /(?:^|[a-z0-9])(?:M|m)sats?$|(?:^|[a-z0-9])Sats?$|^sats?$|(?:^|[a-z])Units$|^units$/.test(name)
const roundings = new Set(['round', 'floor', 'ceil', 'trunc', 'fround'])

/** Divisions, roundings, decimals and texts with decimals of an amount, each with the innermost named function. */
export function floatsOnMoney(file: string, text: string): readonly FloatUse[] {
  const found: FloatUse[] = []
  const note = (path: NodePath, what: string) =>
    found.push({ line: path.node.loc?.start.line ?? 0, within: functionOf(path), what })
  const divides = (path: NodePath, operator: string, sides: readonly types.Node[]) => {
    if (operator === '/' && sides.some(hasAmount) && !sides.some(isBigint)) note(path, 'divides')
    if (sides.some(isDecimal) && sides.some(hasAmount)) note(path, 'a decimal')
  }
  traverse(treeOf(file, text), {
    // Nothing here asks for scopes.
    noScope: true,
    BinaryExpression: (path) => divides(path, path.node.operator, [path.node.left, path.node.right]),
    AssignmentExpression: (path) =>
      divides(path, path.node.operator.replace('=', ''), [path.node.left, path.node.right]),
    CallExpression(path) {
      const { callee, arguments: given } = path.node
      const name = calledName(callee)
      if (isMathRounding(callee) && given.some(hasAmount)) note(path, `Math.${name}`)
      if (name === 'parseFloat' && given.some(hasAmount)) note(path, name)
      if (callee.type === 'MemberExpression' && name === 'toFixed' && hasAmount(callee.object)) note(path, name)
    },
  })
  return found
}

const calledName = (callee: types.Node): string =>
  callee.type === 'Identifier'
    ? callee.name
    : callee.type === 'MemberExpression' && callee.property.type === 'Identifier'
      ? callee.property.name
      : ''

const isMathRounding = (callee: types.Node): boolean =>
  callee.type === 'MemberExpression' &&
  callee.object.type === 'Identifier' &&
  callee.object.name === 'Math' &&
  roundings.has(calledName(callee))

/** Bigints divide to whole numbers: a mixture would not run. */
function isBigint(node: types.Node): boolean {
  if (node.type === 'BinaryExpression') return isBigint(node.left) || isBigint(node.right)
  if (node.type === 'BigIntLiteral') return true
  return node.type === 'CallExpression' && calledName(node.callee) === 'BigInt'
}

const isDecimal = (node: types.Node): boolean => node.type === 'NumericLiteral' && !Number.isInteger(node.value)

/** Somewhere in an expression; what it calls decides for itself, and a comparison or a choice is no amount. */
function hasAmount(node: types.Node): boolean {
  switch (node.type) {
    case 'Identifier':
      return isAmount(node.name)
    case 'MemberExpression':
    case 'OptionalMemberExpression':
      return node.property.type === 'Identifier' && !node.computed
        ? isAmount(node.property.name)
        : hasAmount(node.object)
    case 'BinaryExpression':
    case 'LogicalExpression':
      return hasAmount(node.left) || hasAmount(node.right)
    case 'UnaryExpression':
      return hasAmount(node.argument)
    case 'ConditionalExpression':
      return hasAmount(node.consequent) || hasAmount(node.alternate)
    case 'TSAsExpression':
    case 'TSNonNullExpression':
    case 'TSSatisfiesExpression':
    case 'ParenthesizedExpression':
      return hasAmount(node.expression)
    case 'CallExpression':
      return isAmount(calledName(node.callee)) || node.arguments.some(hasAmount)
    default:
      return false
  }
}

/** Innermost function with a name, or the file itself. */
function functionOf(path: NodePath): string {
  for (let at: NodePath | null = path; at !== null; at = at.parentPath) {
    const { node } = at
    if (node.type === 'FunctionDeclaration' && node.id) return node.id.name
    if (node.type === 'ObjectMethod' && node.key.type === 'Identifier') return node.key.name
    const isArrow = node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression'
    const holder = at.parentPath?.node
    if (isArrow && holder?.type === 'VariableDeclarator' && holder.id.type === 'Identifier') return holder.id.name
    if (isArrow && holder?.type === 'ObjectProperty' && holder.key.type === 'Identifier') return holder.key.name
  }
  return ''
}
