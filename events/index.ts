/** The only door into `events/`: open the log, execute, hold, read models, and the words of all of them. */

export type { Refusal } from './deciders/decider'
export * from './deciders/deposit'
export * from './deciders/drain'
export * from './deciders/drain-round'
export type * from './deciders/invoice'
export * from './deciders/lightning'
export * from './deciders/mint'
export * from './deciders/node'
export { activeSeed } from './deciders/node-wallet'
export * from './deciders/payout'
export * from './deciders/payout-shares'
export * from './deciders/period'
export * from './deciders/session'
export { limitReachMsat, payableMsat, type SessionCharge } from './deciders/session/charge'
export type * from './deciders/session/commands'
export * from './deciders/session/state'
export * from './deciders/swap'
export * from './deciders/upstream'
export * from './engine/execute'
export * from './engine/holds'
export { createLive } from './engine/live'
export { type LogVerdict, verifyLog } from './engine/verify'
export * from './log/log'
export { LogTooNew, openSqlLog } from './log/sql-log'
export { projections } from './projections/all'
export * from './projections/audit'
export * from './projections/balance-sheet'
export * from './projections/key-history'
export * from './projections/requests'
export { followLog, type ReadModels } from './projections/runner'
export * from './projections/session-list'
export * from './projections/settings-history'
export * from './projections/transfer-lists'
export type { TransferRow } from './projections/transfers'
export * from './projections/usage'
export type { Coin, Evidence, WalletAttempt } from './schema/deposit'
export * from './schema/money'
export type { Role, SettingValue } from './schema/node'
export type { Charged, KeyLimits, KeyPayout } from './schema/session'
export type { ListedModel, UsdPriceFields } from './schema/upstream'
export * from './sql'

export type CashuUnit = 'sat' | 'msat'
export type UpstreamKind = 'openai' | 'openrouter' | 'generic'
export * from './deciders/price/charge'
export * from './deciders/price/hold'
export { type MsatPrices, msatPrices } from './deciders/price/msat'
export * from './deciders/price/prices'
export { median, nextRate, noRate, type Rate } from './deciders/price/rate'
export {
  isPositive,
  over,
  parseDecimal,
  type Rational,
  times,
  toDecimal,
  toNumber,
  whole,
} from './deciders/price/rational'
export { type Buckets, mergedUsage, type RawUsage, readUsage, usageOf } from './deciders/price/usage'
export { newestVersion } from './schema/catalogue'
