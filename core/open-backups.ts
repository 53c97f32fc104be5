/** The node's backups, wired to its log, its settings and its mints. */
import { resolve } from 'node:path'
import packageJson from '../package.json'
import { type Backups, createBackups } from './backup/backups'
import type { Environment } from './env'
import { type Mints, plainDesk } from './mint-states'
import type { CloseLater, Core, Money, Ports } from './parts'

export function openBackups(
  { dataDirectory }: Pick<Environment, 'dataDirectory'>,
  { log, logDatabase, backupKey, vault, settings, mints, curve }: Core & Pick<Money, 'curve'>,
  { now, trace }: Ports,
  closeLater: CloseLater,
): Backups {
  const backups = createBackups({
    dataDirectory,
    log,
    logDatabase,
    key: backupKey,
    vault,
    curve,
    desk: ({ url }) => deskOf(url, mints),
    folder: () => resolve(dataDirectory, settings('backup.folder')),
    plan: () => ({
      at: settings('backup.at'),
      keep: settings('backup.keep'),
      timeZone: settings('display.timeZone'),
    }),
    version: packageJson.version,
    now,
    trace,
  })
  closeLater(backups.stop)
  return backups
}

/** A mint of a backup may be trusted no longer: it is asked for its coins all the same. */
function deskOf(url: string, { trusted, desk }: Mints) {
  const mint = trusted().find((one) => one.url === url)
  return mint === undefined ? plainDesk(url) : desk(mint).as('audit')
}
