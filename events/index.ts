/** The only door into `events/`: open the log, execute, hold, read models, and the words of all of them. */

export type { Command, CommandCommand } from './deciders/command'
export { command as commandDecider } from './deciders/command'
export type { Refusal } from './deciders/decider'
export * from './deciders/deposit'
export * from './deciders/mint'
export * from './deciders/node'
export * from './deciders/period'
export * from './deciders/session'
export * from './deciders/upstream'
export * from './engine/execute'
export * from './engine/holds'
export { createLive, type Live } from './engine/live'
export { type LogVerdict, verifyLog } from './engine/verify'
export * from './log/log'
export { LogTooNew, openSqlLog } from './log/sql-log'
export { projections } from './projections/all'
export * from './projections/audit'
export * from './projections/balance-sheet'
export * from './projections/requests'
export { followLog, type ReadModels } from './projections/runner'
export * from './projections/sessions'
export * from './projections/transfers'
export * from './projections/usage'
export type { Coin, Evidence, WalletAttempt } from './schema/deposit'
export * from './schema/money'
export { nodeEvents, type Role, role, type SettingValue } from './schema/node'
export { type Charged, type KeyLimits, keyLimits } from './schema/session'
export { type ListedModel, listedModel, type UsdPriceFields, usdPrices } from './schema/upstream'
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
