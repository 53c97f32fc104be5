/** Several rows of the table as one command: one identity, one yes, one append or none at all (remote-admin 9.6). */
import { z } from 'zod'
import type { Role } from '../../events'
import { isNo, type Row, type RunContext } from './command'
import { includes } from './principal'

export type Part = { readonly row: Row; readonly params: Readonly<Record<string, unknown>> }

/** One part is that command itself, and no other. */
export function together(parts: readonly [Part, ...Part[]]): Part {
  const [first, ...more] = parts
  if (more.length === 0) return first
  const named = new Map<string, Part>()
  for (const part of parts) named.set(nameFor(part.row.name, named), part)
  const rows = [...named].map(([name, { row }]) => [name, row] as const)
  return {
    row: composed(rows),
    params: Object.fromEntries([...named].map(([name, { params }]) => [name, params])),
  }
}

function nameFor(name: string, taken: ReadonlyMap<string, unknown>): string {
  let count = 1
  const next = () => (count === 1 ? name : `${name} ${count}`)
  while (taken.has(next())) count += 1
  return next()
}

type Named = readonly (readonly [string, Row])[]
type Of = Readonly<Record<string, unknown>>

function composed(named: Named): Row {
  const rows = named.map(([, row]) => row)
  const proving = rows.filter((row) => row.stepUp !== undefined)
  const some = async (ask: (row: Row, params: unknown) => Promise<string | undefined> | undefined, params: Of) => {
    const asked = await Promise.all(named.map(([name, row]) => ask(row, params[name])))
    const said = asked.filter((one) => one !== undefined)
    return said.length === 0 ? undefined : said.join(' ')
  }
  return {
    name: rows.map(({ name }) => name).join('+'),
    role: rows.map(({ role }) => role).reduce(higher),
    ...(proving.length === 0 ? {} : { stepUp: 'S?' as const }),
    atSetup: proving.every(({ atSetup }) => atSetup === true),
    // What one part learns outside, all of them are written with.
    class: rows.some((row) => row.class === 'O') ? 'O' : 'L',
    maxAgeS: Math.min(...rows.map(({ maxAgeS }) => maxAgeS)),
    // No event shows a part that has a secret.
    secrets: named.filter(([, row]) => row.secrets !== undefined).map(([name]) => name),
    in: z.object(Object.fromEntries(named.map(([name, row]) => [name, row.in]))),
    out: z.object(Object.fromEntries(named.map(([name, row]) => [name, row.out]))),
    needs: (params, context) =>
      named.map(([name, row]) => row.needs?.((params as Of)[name], context)).reduce((a, b) => higherOf(a, b)),
    async stepUpFor(params, context) {
      for (const [name, row] of named) if (await wantsProof(row, (params as Of)[name], context)) return true
      return false
    },
    check: (params, context) => some((row, own) => row.check?.(own, context), params as Of),
    secondWay: (params, context) => some((row, own) => row.secondWay?.(own, context), params as Of),
    async run(params, context) {
      const results: Record<string, unknown> = {}
      for (const [name, row] of named) {
        const result = await row.run((params as Of)[name], context)
        if (isNo(result)) return result
        results[name] = result
      }
      return results
    },
  }
}

const wantsProof = async ({ stepUp, stepUpFor }: Row, params: unknown, context: RunContext): Promise<boolean> =>
  stepUp === 'S' || (stepUp === 'S?' && (await stepUpFor?.(params, context)) === true)

const higher = (a: Row['role'], b: Row['role']): Row['role'] =>
  a === 'none' || b === 'none' ? 'none' : includes(a, b) ? a : b
const higherOf = (a: Role | undefined, b: Role | undefined): Role | undefined =>
  a === undefined || (b !== undefined && includes(b, a)) ? b : a
