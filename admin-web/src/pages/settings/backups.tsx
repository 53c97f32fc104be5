/** What brings the node back: verified copies, and the words of the wallet (dashboard 4.4, Backup). */
import { createSignal, For, Match, Show, Switch } from 'solid-js'
import { type Answer, connection, useQuery } from '../../client'
import { sentenceOf } from '../../errors'
import { useCommand } from '../../forms/command'
import { DownloadBackupForm } from '../../forms/download-backup'
import { Gates } from '../../forms/gates'
import { FormButtons, FormShell } from '../../forms/shell'
import { ShownOnce } from '../../forms/shown-once'
import { backupsText } from '../../text/backups'
import { settingsText } from '../../text/settings'
import type { Proof } from '../../transport/transport'
import { Age, Button, CopyText, Dialog, Empty, Mark, Sheet, Skeleton, TroubleBox, toast } from '../../ui'
import { zoneName } from '../../zone'
import styles from './settings.module.css'

const words = backupsText

/** `at`: the time of the next one, of the node's zone. */
export function Backups(props: { readonly at: unknown }) {
  const list = useQuery('backups.list', () => ({}), { everyMs: 60_000, rowKey: 'backup' })
  const run = useCommand('backups.run', () => toast(words.made))
  const [taken, setTaken] = createSignal<Answer<'backups.list'>['rows'][number]>()
  const verifiedAtS = () => Math.max(0, ...(list.data()?.rows ?? []).map(({ verifiedAt = 0 }) => verifiedAt))
  const [showsWords, setShowsWords] = createSignal(false)
  return (
    <>
      <Sheet
        title={words.copies}
        actions={
          <Button kind="primary" busy={run.busy() && words.running} onClick={() => void run.run({})}>
            {words.run}
          </Button>
        }
      >
        <div class={styles.item}>
          <p class={styles.lead}>{words.lead}</p>
          <p class={styles.itemFacts}>
            <Show
              when={verifiedAtS() > 0}
              fallback={
                <Show when={(list.data()?.rows.length ?? 0) > 0}>
                  <span>{words.notVerified}</span>
                </Show>
              }
            >
              <span>
                {words.last} <Age atS={verifiedAtS()} ago />
              </span>
            </Show>
            <Show when={typeof props.at === 'string' && props.at}>
              {(at) => <span>{words.next(at(), zoneName())}</span>}
            </Show>
          </p>
        </div>
        <Switch fallback={<Skeleton lines={3} />}>
          <Match when={list.data()?.rows.length === 0}>
            <Empty title={words.empty} />
          </Match>
          <Match when={list.data()}>
            {(data) => (
              <ul class={styles.list} aria-label={settingsText.sections.backup}>
                <For each={data().rows}>
                  {(row) => (
                    <li class={styles.item}>
                      <div class={styles.itemHead}>
                        <strong>
                          {words.time} <Age atS={row.at} ago />
                        </strong>
                        <span>{words.megabytes(row.bytes)}</span>
                        <Mark tone={row.verifiedAt === undefined ? 'look' : 'good'}>
                          <Show when={row.verifiedAt} fallback={words.notVerified}>
                            {(at) => (
                              <>
                                {words.verified} <Age atS={at()} ago />
                              </>
                            )}
                          </Show>
                        </Mark>
                        <Verify backup={row.backup} />
                        <Button small onClick={() => setTaken(row)}>
                          {words.download}
                        </Button>
                      </div>
                      <Show when={row.sentence}>{(sentence) => <p class={styles.help}>{sentence()}</p>}</Show>
                    </li>
                  )}
                </For>
              </ul>
            )}
          </Match>
          <Match when={list.trouble()}>
            {(said) => <TroubleBox what={sentenceOf(said()).what} onRetry={list.refetch} />}
          </Match>
        </Switch>
      </Sheet>
      <Show when={run.sentence()}>{(said) => <TroubleBox what={said().what} id={said().id} />}</Show>
      <Sheet title={words.words} padded>
        <p>{words.wordsHelp}</p>
        <div class={styles.actions}>
          <Button onClick={() => setShowsWords(true)}>{words.showWords}</Button>
        </div>
      </Sheet>
      <Show when={taken()}>
        {(row) => (
          <Dialog title={words.download} onClose={() => setTaken(undefined)}>
            <DownloadBackupForm row={row()} onDone={() => setTaken(undefined)} />
          </Dialog>
        )}
      </Show>
      <Show when={showsWords()}>
        <Dialog title={words.words} onClose={() => setShowsWords(false)}>
          <WordsForm onDone={() => setShowsWords(false)} />
        </Dialog>
      </Show>
    </>
  )
}

function Verify(props: { readonly backup: string }) {
  const verify = useCommand('backups.verify', (answer) => toast(answer.sentence))
  return (
    <Button small busy={verify.busy() && words.verifying} onClick={() => void verify.run({ backup: props.backup })}>
      {words.verify}
    </Button>
  )
}

/** Shown once for a proof; nothing of them stays when the dialog closes. */
function WordsForm(props: { readonly onDone: () => void }) {
  const [shown, setShown] = createSignal<readonly string[]>()
  const show = useCommand('wallet.showWords', (answer) => setShown(answer.words.split(' ')))
  const isPlain = () => {
    const now = connection()
    return now.is === 'live' && !now.encrypted
  }
  const submit = (proof?: Proof) => void show.run({}, proof)
  return (
    <Show
      when={shown()}
      fallback={
        <FormShell busy={show.busy()} trouble={show.sentence()} onSubmit={() => submit()}>
          <p>{words.wordsHelp}</p>
          <Show when={isPlain()}>
            <Mark tone="look">{words.plain}</Mark>
            <CopyText block value="bun run node-admin wallet words" name={words.words} />
          </Show>
          <Gates of={show} verb={words.showWords} busyWord={words.checking} onProof={submit}>
            <FormButtons>
              <Button type="submit" kind="primary" busy={show.busy() && words.checking}>
                {words.showWords}
              </Button>
            </FormButtons>
          </Gates>
        </FormShell>
      }
    >
      {(list) => (
        <ShownOnce saved={words.saved} onSaved={props.onDone}>
          <p>{words.wordsShown}</p>
          <ol class={styles.words}>
            <For each={list()}>{(word) => <li>{word}</li>}</For>
          </ol>
        </ShownOnce>
      )}
    </Show>
  )
}
