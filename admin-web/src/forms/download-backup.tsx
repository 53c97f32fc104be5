/** Takes one backup away as a file: sealed with the node's secret key, recorded by the node, after a proof. */
import { type Answer, download, type send } from '../client'
import { backupsText } from '../text/backups'
import type { Proof } from '../transport/transport'
import { Button, saveFile, toast } from '../ui'
import { useCommand } from './command'
import { Gates } from './gates'
import { FormButtons, FormShell } from './shell'

const words = backupsText
type Row = Answer<'backups.list'>['rows'][number]
type Send = typeof send<'backups.download'>

export function DownloadBackupForm(props: { readonly row: Row; readonly onDone: () => void }) {
  const fetched: Send = async (_, { backup }, { id = '', proof } = {}) => {
    const answered = await download({ id, backup }, proof)
    if (!answered.ok) return answered
    saveFile(answered.name, answered.file)
    return { ok: true, result: props.row }
  }
  const take = useCommand(
    'backups.download',
    () => {
      toast(words.downloaded)
      props.onDone()
    },
    fetched,
  )
  const submit = (proof?: Proof) => void take.run({ backup: props.row.backup }, proof)
  return (
    <FormShell busy={take.busy()} trouble={take.sentence()} onSubmit={() => submit()}>
      <p>{words.downloadLead}</p>
      <Gates of={take} verb={words.download} busyWord={words.downloading} onProof={submit}>
        <FormButtons>
          <Button type="submit" kind="primary" busy={take.busy() && words.downloading}>
            {words.download}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}
