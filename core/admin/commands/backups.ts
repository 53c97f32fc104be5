/** backups.list, run and verify: a backup counts once it was restored and its sums agree (wallet 12.5). */
import { z } from 'zod'
import { command, query } from '../command'
import type { BackupsPort } from '../node-port'

const row = z.object({
  backup: z.string(),
  at: z.int(),
  bytes: z.int(),
  sha256: z.string(),
  verifiedAt: z.int().optional(),
  position: z.int(),
  sentence: z.string().optional(),
})

const seconds = (ms: number): number => Math.floor(ms / 1000)
const shown = ({ at, verifiedAt, sentence, ...rest }: ReturnType<BackupsPort['list']>[number]) => ({
  ...rest,
  at: seconds(at),
  ...(verifiedAt === undefined ? {} : { verifiedAt: seconds(verifiedAt) }),
  ...(sentence === undefined ? {} : { sentence }),
})

export const backupsList = query({
  name: 'backups.list',
  role: 'owner',
  in: z.object({}),
  out: z.object({ rows: z.array(row) }),
  run: async (_, { node }) => ({ rows: node.backups.list().map(shown) }),
})

export const backupsRun = command({
  name: 'backups.run',
  role: 'owner',
  class: 'O',
  in: z.object({}),
  out: row,
  run: async (_, { node }) => shown(await node.backups.run()),
})

export const backupsVerify = command({
  name: 'backups.verify',
  role: 'owner',
  class: 'O',
  in: z.object({ backup: z.string().min(1).max(100) }),
  out: z.object({ ok: z.boolean(), balancesEqual: z.boolean(), coinsChecked: z.int(), sentence: z.string() }),
  run: async ({ backup }, { node }) => (await node.backups.verify(backup)) ?? { notFound: `backup ${backup}` },
})

/** Records that the file leaves; the file itself goes by `GET /admin/api/backups/<id>`. */
export const backupsDownload = command({
  name: 'backups.download',
  role: 'owner',
  stepUp: 'S',
  class: 'L',
  doors: 'H',
  in: z.object({ backup: z.string().min(1).max(100) }),
  out: row,
  async run({ backup }, { node }) {
    const found = node.backups.list().find((one) => one.backup === backup)
    return found === undefined ? { notFound: `backup ${backup}` } : shown(found)
  },
})
