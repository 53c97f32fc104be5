/** Every read model there is, in the order in which they are built. */
import { assets } from './assets'
import { audit } from './audit'
import { balanceSheet } from './balance-sheet'
import { firstTokens } from './first-tokens'
import type { AnyProjection } from './projection'
import { requests } from './requests'
import { sessionMoves } from './session-moves'
import { sessions } from './sessions'
import { settingsHistory } from './settings-history'
import { signers } from './signers'
import { transfers } from './transfers'
import { usage } from './usage'

export const projections = [
  sessions,
  sessionMoves,
  requests,
  usage,
  firstTokens,
  transfers,
  balanceSheet,
  assets,
  audit,
  settingsHistory,
  signers,
] as unknown as readonly AnyProjection[]
