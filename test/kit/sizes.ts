/** How much of a large matrix runs: every case by night (`bun run nightly`), a spread of them in each check. */
import { test } from 'bun:test'

export const isNightly = process.env.NIGHTLY === '1'

/** All cases by night; else each `step`-th of them, from the first one on. */
export const spread = <Case>(cases: readonly Case[], step: number): Case[] =>
  isNightly ? [...cases] : cases.filter((_, n) => n % step === 0)

/** A test that runs by night only: a case whose like is in each check already. */
export const atNight = (isNightly ? test : () => undefined) as typeof test
