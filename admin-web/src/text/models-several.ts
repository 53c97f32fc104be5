/** Words of what several models are told at once (dashboard 4.3). */
import { plural } from '../format'

const models = (chosen: number) => plural(chosen, 'model', 'models')

export const modelsSeveral = {
  rows: 'The chosen models',
  none: 'None of the chosen models can.',
  actions: {
    enable: {
      open: 'Enable…',
      title: 'Enable the chosen models?',
      lead: 'Clients see them at once.',
      button: (chosen: number) => `Enable ${models(chosen)}`,
      done: (changed: number) => `${models(changed)} enabled.`,
    },
    disable: {
      open: 'Disable…',
      title: 'Disable the chosen models?',
      lead: 'Clients no longer see them; running requests finish.',
      button: (chosen: number) => `Disable ${models(chosen)}`,
      done: (changed: number) => `${models(changed)} disabled.`,
    },
    resetPrice: {
      open: 'Reset prices…',
      title: 'Reset the chosen prices?',
      lead: 'Their own prices are forgotten: they follow the upstream price and both fees again.',
      button: (chosen: number) => `Reset ${models(chosen)}`,
      done: (changed: number) => `${models(changed)} back to the upstream price.`,
    },
    lock: {
      open: 'Lock…',
      title: 'Lock the chosen prices?',
      lead: 'An import leaves these prices alone.',
      button: (chosen: number) => `Lock ${models(chosen)}`,
      done: (changed: number) => `${models(changed)} locked.`,
    },
    unlock: {
      open: 'Unlock…',
      title: 'Unlock the chosen prices?',
      lead: 'An import may change these prices again.',
      button: (chosen: number) => `Unlock ${models(chosen)}`,
      done: (changed: number) => `${models(changed)} unlocked.`,
    },
  },
} as const
