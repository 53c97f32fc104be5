/** Every read model there is, in the order in which they are built. */
import { audit } from './audit'
import { balanceSheet } from './balance-sheet'
import type { AnyProjection } from './projection'
import { requests } from './requests'
import { sessions } from './sessions'
import { settingsHistory } from './settings-history'
import { transfers } from './transfers'
import { usage } from './usage'

export const projections = [
  sessions,
  requests,
  usage,
  transfers,
  balanceSheet,
  audit,
  settingsHistory,
] as unknown as readonly AnyProjection[]
