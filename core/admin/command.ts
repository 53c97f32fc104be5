/** How a row of the admin table is declared (remote-admin 10): one typed object, whoever carries it. */
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { Inline, Role, Wish } from '../../events'
import type { AdminNode } from './node-port'
import type { Door, Principal } from './principal'
import type { AdminRefusal } from './refusals'

/** `-` query, L effects in one append, P also starts a process, O talks to the outside itself, m memory only (R-050). */
export type CommandClass = '-' | 'L' | 'P' | 'O' | 'm'

export type Trouble = { readonly trouble: 'rejected' | 'later' | 'unclear'; readonly sentence: string }
export type NotFound = { readonly notFound: string }
export type RevMismatch = { readonly revMismatch: readonly string[] }
export type No = AdminRefusal | Trouble | NotFound | RevMismatch

export type RunContext = {
  readonly node: AdminNode
  readonly principal: Principal
  readonly door: Door
  /** Unix ms. */
  readonly now: number
  readonly commandId: string
  readonly ifRev: bigint | undefined
  /** What the table calls a command that was named by its name or an alias; undefined: there is none. */
  readonly commandName: (named: string) => string | undefined
}

export type CommandContext = RunContext & {
  /**
   * Decides the wishes on the state as it is and keeps them for the one append that also finishes the command
   * (R-050). Answers what would be appended, or the refusal.
   */
  readonly execute: (wishes: Wish | readonly Wish[], also?: Also) => Promise<{ readonly events: number } | AdminRefusal>
}
/** Rides in the same append: coins, claims and sealed rows that belong to the wishes. */
export type Also = Inline

/** `Name` and `Class` stay literal, so that a caller of the table is typed by the command's name. */
export type Row<
  In extends z.ZodType = z.ZodType,
  Out extends z.ZodType = z.ZodType,
  Name extends string = string,
  Class extends CommandClass = CommandClass,
> = {
  readonly name: Name
  readonly aliases?: readonly string[]
  readonly role: Role | 'none'
  /** `S` always, `S?` as the row itself decides. */
  readonly stepUp?: 'S' | 'S?'
  /** Without either password or owner key the set-up device may run it (R-014). */
  readonly atSetup?: boolean
  readonly class: Class
  readonly maxAgeS: number
  /** Where it depends on the parameters: whether these, unread as yet, may come later than two minutes. */
  readonly isLateSafe?: (params: unknown) => boolean
  /** `H`: HTTP and console only. */
  readonly doors?: 'H'
  /** A role above the row's own that these parameters need. */
  readonly needs?: (params: z.output<In>, context: RunContext) => Role | undefined
  /** For `S?`: whether these parameters need a fresh proof. */
  readonly stepUpFor?: (params: z.output<In>, context: RunContext) => boolean | Promise<boolean>
  /** What the caller must say yes to first; the code is in the answer, it guards against slips (R-015). */
  readonly check?: (params: z.output<In>, context: RunContext) => Promise<string | undefined>
  /**
   * The same for money: the code goes by a second way and not to who asked (R-015, R-016). Answers what to say yes to.
   */
  readonly secondWay?: (params: z.output<In>, context: RunContext) => Promise<string | undefined>
  /**
   * May spend the owner's money: it runs in the one lane of all that may, while the books add up (wallet 15, 16).
   * 'coins': its own append takes coins, so that it has its turn in the purses too.
   */
  readonly lane?: 'money' | 'coins'
  /**
   * Nothing else is decided or written from its first look to its append: what it saw is so still (wallet 9.5). It must
   * not wait for anybody outside.
   */
  readonly alone?: true
  /** Before any lane: asks the outside for what `run` then finds at hand. */
  readonly warm?: (params: z.output<In>, context: RunContext) => Promise<void>
  /** After the commit, and at each repeat: adds what no outcome may hold (R-054), or waits for what the command began. */
  readonly reveal?: (result: z.output<Out>, context: RunContext) => Promise<z.input<Out>>
  /** Names of parameters that no event may show. */
  readonly secrets?: readonly string[]
  /** Names of result fields that only the caller sees: the stored outcome says that one stood there (R-054). */
  readonly secretResults?: readonly string[]
  readonly in: In
  readonly out: Out
  readonly run: (params: z.output<In>, context: CommandContext) => Promise<z.input<Out> | No>
}

export const shortAgeS = 120
export const longAgeS = 72 * 3600

/** Stream of a command: the same sender and id are the same command (R-047). */
export const commandStream = (admin: string, id: string): string =>
  `command-${createHash('sha256').update(`${admin}\0${id}`).digest('hex')}`

/** How old a stored request may be, in seconds. */
export const ageOf = ({ maxAgeS, isLateSafe }: Row, params: unknown): number =>
  isLateSafe === undefined || isLateSafe(params) ? maxAgeS : shortAgeS

/** Declares a mutation. */
export const command = <In extends z.ZodType, Out extends z.ZodType, const Name extends string>(
  row: Omit<Row<In, Out, Name, Exclude<CommandClass, '-'>>, 'maxAgeS'> & { readonly maxAgeS?: number },
): Row<In, Out, Name, Exclude<CommandClass, '-'>> => ({ maxAgeS: shortAgeS, ...row })

/** Declares a query: it appends nothing. */
export const query = <In extends z.ZodType, Out extends z.ZodType, const Name extends string>(
  row: Pick<Row<In, Out, Name>, 'name' | 'aliases' | 'in' | 'out'> & {
    readonly role?: Row['role']
    readonly doors?: 'H'
    readonly run: (params: z.output<In>, context: RunContext) => Promise<z.input<Out> | No>
  },
): Row<In, Out, Name, '-'> => ({ role: 'viewer', class: '-', maxAgeS: shortAgeS, ...row })

/** Whether a run said no, in one of its ways. */
export function isNo(result: unknown): result is No {
  return (
    typeof result === 'object' &&
    result !== null &&
    ['refused', 'trouble', 'notFound', 'revMismatch'].some((word) => Object.keys(result)[0] === word)
  )
}
