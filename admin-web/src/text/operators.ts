/** Words of the operators: whose keys may sign in, and what each may do (dashboard 4.4, Security). */
export const operatorsText = {
  change: 'Change',
  changeAria: (name: string) => `Change ${name}`,
  changeTitle: (name: string) => `Change ${name}`,
  save: 'Save operator',
  saved: (name: string) => `${name} is saved.`,
  remove: 'Remove',
  removeAria: (name: string) => `Remove ${name}`,
  removeTitle: (name: string) => `Remove ${name}?`,
  removeLead:
    'Every browser that signed in with this key is signed out at once, and what it has sent and is not done yet is refused.',
  removeButton: 'Remove this operator',
  removed: (name: string) => `${name} is removed.`,
  effects: {
    owner:
      'May do everything, and proves money and keys with this key. With an owner key the password proves them no more.',
    operator: 'May run the node: models, prices, sessions, upstreams on and off. No money and no keys.',
    viewer: 'May look at everything and change nothing.',
  },
} as const
