/** The life of one admin command: received before anything runs, finished once (remote-admin 3.3). */
import type { CommandEvent } from '../schema/command'
import type { Decider } from './decider'

type Received = Extract<CommandEvent, { type: 'command.received' }>['data']
type Finished = Extract<CommandEvent, { type: 'command.finished' }>['data']

export type Command =
  | { readonly is: 'absent' }
  | { readonly is: 'open'; readonly received: Received }
  | { readonly is: 'finished'; readonly received: Received; readonly finished: Finished }

export type CommandCommand =
  | { readonly do: 'receive'; readonly received: Received }
  | { readonly do: 'finish'; readonly finished: Finished }

export type CommandRefusal = { readonly refused: 'command-known' | 'command-absent' | 'command-finished' }

export const command: Decider<Command, CommandCommand, CommandEvent, CommandRefusal> = {
  initial: { is: 'absent' },

  decide(state, wish) {
    switch (wish.do) {
      case 'receive':
        return state.is === 'absent'
          ? [{ type: 'command.received', data: wish.received }]
          : { refused: 'command-known' }
      case 'finish':
        if (state.is === 'absent') return { refused: 'command-absent' }
        return state.is === 'open'
          ? [{ type: 'command.finished', data: wish.finished }]
          : { refused: 'command-finished' }
      default:
        return wish satisfies never
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'command.received':
        return { is: 'open', received: event.data }
      case 'command.finished':
        return state.is === 'open' ? { is: 'finished', received: state.received, finished: event.data } : state
      default:
        return event satisfies never
    }
  },
}
