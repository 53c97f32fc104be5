/** Words of the first run (dashboard 4.8). */
export const setupText = {
  title: 'Set up',
  opening: 'Opening the set-up link…',
  spentLead: 'A set-up link works once, for 15 minutes. Print a new one on the machine that runs the node:',
  signIn: 'Go to sign-in',
} as const
