/** Every bound in the program, each with its reason. Operators move some of them (configuration 2). */

export const limits = {
  /** First pause before a database that died is opened again. */
  databaseReopenMs: 500,
  /** A full disk can last: then one try every 10 s is enough. */
  databaseReopenMaxMs: 10_000,
} as const
