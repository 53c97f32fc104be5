/** How far the owner is with setting up: what he put off, what he wants to see no more, his test keys (dashboard 4.8). */
import type { NodeEvent, SetupStep } from '../schema/node'
import type { Node } from './node'

export type Setup = {
  readonly skipped: readonly SetupStep[]
  readonly hidden: readonly SetupStep[]
  /** The newest ones; `at` is Unix ms. */
  readonly testKeys: readonly { readonly session: string; readonly at: number }[]
}

export type SetupCommand =
  | { readonly do: 'skip-step'; readonly step: SetupStep }
  | { readonly do: 'hide-steps'; readonly steps: readonly SetupStep[] }
  | {
      readonly do: 'note-test-key'
      readonly session: string
      /** Unix ms. */
      readonly nowMs: number
      readonly most: number
      readonly withinMs: number
    }

export type SetupRefusal = { readonly refused: 'too-many-test-keys'; readonly most: number; readonly until: number }

export const noSetup: Setup = { skipped: [], hidden: [], testKeys: [] }

const commands: readonly string[] = ['skip-step', 'hide-steps', 'note-test-key'] satisfies readonly SetupCommand['do'][]
export const isSetupCommand = (command: { readonly do: string }): command is SetupCommand =>
  commands.includes(command.do)

export function setupEvents({ setup }: Node, command: SetupCommand): NodeEvent[] | SetupRefusal {
  switch (command.do) {
    case 'skip-step':
      return setup.skipped.includes(command.step) ? [] : [{ type: 'setup.skipped', data: { step: command.step } }]
    case 'hide-steps': {
      const steps = command.steps.filter((step) => !setup.hidden.includes(step))
      return steps.length === 0 ? [] : [{ type: 'setup.hidden', data: { steps } }]
    }
    case 'note-test-key': {
      const { session, nowMs, most, withinMs } = command
      const recent = setup.testKeys.filter(({ at }) => at > nowMs - withinMs)
      const [oldest] = recent
      if (oldest !== undefined && recent.length >= most)
        return { refused: 'too-many-test-keys', most, until: Math.ceil((oldest.at + withinMs) / 1000) }
      return [{ type: 'setup.test-key-made', data: { session, at: nowMs } }]
    }
    default:
      return command satisfies never
  }
}

type SetupEvent = Extract<NodeEvent, { type: 'setup.skipped' | 'setup.hidden' | 'setup.test-key-made' }>

/** More of them than any bound on a day's keys counts. */
const testKeysKept = 20

export function setupAfter(setup: Setup, event: SetupEvent): Setup {
  switch (event.type) {
    case 'setup.skipped':
      return { ...setup, skipped: [...setup.skipped, event.data.step] }
    case 'setup.hidden':
      return { ...setup, hidden: [...setup.hidden, ...event.data.steps] }
    case 'setup.test-key-made':
      return { ...setup, testKeys: [...setup.testKeys, event.data].slice(-testKeysKept) }
    default:
      return event satisfies never
  }
}
