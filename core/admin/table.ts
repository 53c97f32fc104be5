/** The one table of admin commands (remote-admin 10): both doors end here, neither adds nor hides a row. */
import { z } from 'zod'
import { command, type Row } from './command'
import { adminsAdd, adminsList, adminsRemove, adminsSetRole } from './commands/admins'
import { backupsDownload, backupsList, backupsRun, backupsVerify } from './commands/backups'
import { booksCheck } from './commands/books'
import { configImport } from './commands/config-import'
import { depositsCloseDispute } from './commands/deposits'
import { devicesEnd, devicesList } from './commands/devices'
import { payoutsAsk, payoutsCancel, payoutsToLightning } from './commands/lightning'
import { lightningTestAddress } from './commands/lightning-address'
import { meSignOut } from './commands/me'
import { mintsAdd, mintsChange, mintsRemove, mintsResume, mintsTest } from './commands/mints'
import { mintsDrain } from './commands/mints-drain'
import { modelsDisable, modelsEnable, modelsLock, modelsSetAliases, modelsUnlock } from './commands/models'
import { modelsAdd, modelsDescribe, modelsRemove } from './commands/models-by-hand'
import { modelsApplyImport, modelsImportPreview } from './commands/models-import'
import { modelsResetPrice, modelsSetPrice } from './commands/models-price'
import { modelsTest } from './commands/models-test'
import { nodeDrain, nodePause, nodeResume } from './commands/node'
import { payoutsQuote, payoutsShowToken, payoutsToToken } from './commands/payouts'
import { payoutsTakeBack, refundsMakeAgain, refundsTake } from './commands/reclaims'
import { securityClearPassword, securitySetPassword } from './commands/security'
import { sessionsRename } from './commands/sessions'
import { sessionsCredit, sessionsDebit } from './commands/sessions-money'
import { sessionsRevoke } from './commands/sessions-revoke'
import { sessionsExtend, sessionsFreeze, sessionsSetLimits, sessionsUnfreeze } from './commands/sessions-state'
import { settingsApply, settingsRevert } from './commands/settings'
import { setupHide, setupSkip, setupTestKey } from './commands/setup'
import { sweepGet, sweepPause, sweepResume, sweepRun } from './commands/sweep'
import { tokensCreate, tokensEnd, tokensList } from './commands/tokens'
import { upstreamsChange, upstreamsPause, upstreamsRemove, upstreamsResume } from './commands/upstream-changes'
import { upstreamsReplaceKey } from './commands/upstream-keys'
import { upstreamsAdd, upstreamsTest } from './commands/upstreams'
import {
  walletConfirmLoss,
  walletConfirmWords,
  walletReleaseUnattributed,
  walletRestore,
  walletShowWords,
} from './commands/wallet'
import { exportsMake } from './exports/page'
import { commandsSimulate, commandsWaiting } from './own-answers'
import { configExport } from './queries/config'
import { commandsGet, commandsList, eventsList } from './queries/history'
import { insightRows } from './queries/insight'
import { meGet, rpcDescribe } from './queries/me'
import { mintsList } from './queries/mints'
import { modelsGet, modelsList } from './queries/models'
import { moneyList } from './queries/money'
import { nodeStatus, overviewGet } from './queries/node'
import { payoutsGet, payoutsList, refundsList } from './queries/payouts'
import { sessionsGet, sessionsList } from './queries/sessions'
import { settingsGet, settingsHistory } from './queries/settings'
import { setupGet } from './queries/setup'
import { upstreamsGet, upstreamsList, upstreamsTypes } from './queries/upstreams'
import { withdrawGet } from './queries/withdraw'

export type Table = { readonly rows: readonly Row[]; readonly find: (name: string) => Row | undefined }

/** Run by the dispatcher itself: it holds what waits for a yes. */
const never = () => Promise.reject(new Error('the dispatcher answers this command'))
const commandsConfirm = command({
  name: 'commands.confirm',
  aliases: ['confirm'],
  role: 'viewer',
  class: 'L',
  in: z.object({ code: z.string().min(1).max(20) }),
  out: z.unknown(),
  run: never,
})
const commandsCancel = command({
  name: 'commands.cancel',
  aliases: ['cancel'],
  role: 'viewer',
  class: 'm',
  in: z.object({ id: z.string().max(64).optional() }),
  out: z.object({ cancelled: z.boolean() }),
  run: never,
})

/** Typed for those who call it (the dashboard's client), by name. */
export const typedRows = [
  meGet,
  meSignOut,
  commandsGet,
  commandsConfirm,
  commandsCancel,
  commandsList,
  nodeStatus,
  nodePause,
  nodeResume,
  nodeDrain,
  overviewGet,
  sessionsList,
  sessionsGet,
  sessionsRename,
  sessionsSetLimits,
  sessionsFreeze,
  sessionsUnfreeze,
  sessionsExtend,
  sessionsRevoke,
  sessionsCredit,
  sessionsDebit,
  modelsList,
  modelsGet,
  modelsImportPreview,
  modelsApplyImport,
  modelsEnable,
  modelsDisable,
  modelsSetPrice,
  modelsSetAliases,
  modelsResetPrice,
  modelsLock,
  modelsUnlock,
  modelsAdd,
  modelsDescribe,
  modelsRemove,
  modelsTest,
  upstreamsList,
  upstreamsGet,
  upstreamsTypes,
  upstreamsAdd,
  upstreamsChange,
  upstreamsReplaceKey,
  upstreamsPause,
  upstreamsResume,
  upstreamsRemove,
  upstreamsTest,
  settingsGet,
  settingsApply,
  settingsHistory,
  settingsRevert,
  securitySetPassword,
  securityClearPassword,
  mintsList,
  mintsAdd,
  mintsTest,
  mintsChange,
  mintsDrain,
  mintsRemove,
  mintsResume,
  withdrawGet,
  payoutsQuote,
  payoutsToToken,
  payoutsToLightning,
  payoutsAsk,
  payoutsCancel,
  payoutsShowToken,
  payoutsTakeBack,
  sweepGet,
  sweepRun,
  sweepPause,
  sweepResume,
  depositsCloseDispute,
  moneyList,
  payoutsList,
  payoutsGet,
  refundsList,
  refundsMakeAgain,
  refundsTake,
  booksCheck,
  walletShowWords,
  walletConfirmWords,
  walletRestore,
  walletReleaseUnattributed,
  walletConfirmLoss,
  backupsList,
  backupsRun,
  backupsVerify,
  backupsDownload,
  configExport,
  configImport,
  eventsList,
  adminsList,
  adminsAdd,
  adminsSetRole,
  adminsRemove,
  lightningTestAddress,
  setupGet,
  setupSkip,
  setupHide,
  setupTestKey,
  devicesList,
  devicesEnd,
  tokensList,
  tokensCreate,
  tokensEnd,
  ...insightRows,
  commandsWaiting,
  commandsSimulate,
  exportsMake,
] as const

export function createTable(): Table {
  const table: Table = { rows: [], find: (name) => byName.get(name) }
  const rows = [rpcDescribe(() => complete), ...(typedRows as unknown as readonly Row[])]
  const byName = new Map(rows.flatMap((row) => [row.name, ...(row.aliases ?? [])].map((name) => [name, row] as const)))
  const complete: Table = { ...table, rows }
  return complete
}
