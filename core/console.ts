/** `bun run node-admin <verb>`: the local console; talks to the running node with the bearer in its data directory. */
import { constants, copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { npubEncode } from 'nostr-tools/nip19'
import { renderANSI } from 'uqr'
import { askSecret } from './ask-secret'
import { exitCode } from './exit-code'

const usage = `node-admin link                     a new set-up link (works once, for 15 minutes)
node-admin password                 set the dashboard password, read from the terminal or from stdin
node-admin operator <npub>          make a Nostr key an owner
node-admin inbox                    the admin inbox key, and how its relays are
node-admin call <command> [json]    any admin command
node-admin wallet restore [--mint url]... [--gap 300] [--words]
                                    search mints for coins that the log does not know; --words asks for another
                                    wallet's words (stopped node, empty directory)
node-admin wallet words             the twelve words that bring the coins back; on this terminal only
node-admin backup <file>            one sealed file: with data/secret.key it restores this node anywhere
node-admin verify <file>            restore it aside, replay every event, compare every sum, ask the mints
node-admin restore <file> [--replace]
                                    put it into an empty data directory; --replace keeps the log there under another name
node-admin export                   settings, upstreams, models, mints and relays as one document, without secrets
node-admin log verify               read the whole log: no gap, every event sound, the books as it says

Without a running node all but link work on the data directory itself (ROUTSTR_DATA_DIR, ./data).`

type Node = { readonly url: string; readonly token: string }
type Answer = Readonly<Record<string, unknown>>

/** Exit code 2 for wrong usage, 1 when the node says no or cannot be reached. */
async function main(words: readonly string[]): Promise<number> {
  const [verb, first, second] = words
  switch (verb) {
    case 'link':
      return link(await running())
    case 'password':
      return call('security.setPassword', {
        password: first ?? (await askSecret('New dashboard password (8 to 128 characters): ')),
      })
    case 'operator':
      return first === undefined ? wrong() : call('admins.add', { npub: first, role: 'owner', label: 'owner' })
    case 'inbox':
      return inbox()
    case 'call':
      return first === undefined ? wrong() : callWith(first, second)
    case 'wallet':
      if (first === 'restore') return restore(words.slice(2))
      return first === 'words' ? showWords() : wrong()
    case 'backup':
      return first === undefined ? wrong() : backUp(resolve(first))
    case 'verify':
      return first === undefined ? wrong() : verifyFile(resolve(first))
    case 'restore':
      return first === undefined || (second !== undefined && second !== '--replace')
        ? wrong()
        : restoreFile(resolve(first), second !== undefined)
    case 'export':
      return call('config.export', {})
    case 'log':
      return first === 'verify' ? verify() : wrong()
    default:
      return wrong()
  }
}

function wrong(): number {
  console.error(usage)
  return 2
}

const directory = resolve(process.env.ROUTSTR_DATA_DIR ?? './data')

/** The node of this data directory; undefined if none answers there. */
async function find(): Promise<Node | undefined> {
  const file = join(directory, 'console.token')
  if (!existsSync(file)) return undefined
  const [url = '', token = ''] = readFileSync(file, 'utf8').trim().split('\n')
  const answers = await fetch(`${url}/health`, { signal: AbortSignal.timeout(5000) }).then(
    () => true,
    () => false,
  )
  return answers ? { url, token } : undefined
}

async function running(): Promise<Node> {
  const node = await find()
  if (node === undefined) throw new Error(`no node runs on ${directory}; start it first`)
  return node
}

async function callWith(method: string, text = '{}'): Promise<number> {
  const params = readParams(text)
  if (params !== undefined) return call(method, params)
  console.error('node-admin: the parameters are no JSON object')
  return 2
}

function readParams(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && !Array.isArray(value)
      ? ((value as Record<string, unknown>) ?? undefined)
      : undefined
  } catch {
    return undefined
  }
}

async function post({ url, token }: Node, path: string, body: unknown): Promise<Answer> {
  const response = await fetch(`${url}/admin/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })
  if (response.status === 401)
    throw new Error('the running node does not know this console: is it the same data directory?')
  return (await response.json()) as Answer
}

async function link(node: Node): Promise<number> {
  const { code } = await post(node, '/console/link', {})
  const text = `${node.url}/admin/setup#${String(code)}`
  console.log(`${text}\n(works once, for 15 minutes; the link before it is void)`)
  if (process.stdout.isTTY) console.log(renderANSI(text))
  return 0
}

const call = async (method: string, params: Record<string, unknown>): Promise<number> => show(await ask(method, params))

async function ask(method: string, params: Record<string, unknown>): Promise<Answer> {
  const node = await find()
  if (node !== undefined) return post(node, '/rpc', { id: crypto.randomUUID(), method, params })
  const { callStopped } = await import('./offline')
  return callStopped(method, params)
}

/** What a remote client must know: the key it seals for, and where that listens. A stopped node listens nowhere. */
async function inbox(): Promise<number> {
  const answer = await ask('node.status', {})
  if (answer.error !== undefined) return show(answer)
  const { inbox: key, relays } = answer.result as { readonly inbox: string; readonly relays: readonly unknown[] }
  return show({ result: { inbox: key, npub: npubEncode(key), relays } })
}

/** Nothing but the words, so that they can be piped to a printer or into a safe. */
async function showWords(): Promise<number> {
  const answer = await ask('wallet.showWords', {})
  if (answer.error !== undefined) return show(answer)
  console.log(String((answer.result as Answer).words))
  return 0
}

async function backUp(file: string): Promise<number> {
  if (existsSync(file)) throw new Error(`${file} exists already`)
  const node = await find()
  if (node === undefined) {
    const { backUpStopped } = await import('./offline')
    await backUpStopped(directory, file)
  } else {
    const { path } = await post(node, '/console/backup', {})
    copyFileSync(String(path), file, constants.COPYFILE_EXCL)
  }
  console.log(`${file}\n(sealed: keep data/secret.key somewhere else, both together restore this node)`)
  return 0
}

async function verifyFile(file: string): Promise<number> {
  const verdict = await (await import('./offline')).verifyFile(file)
  console.log(JSON.stringify(verdict, null, 2))
  return verdict.ok ? 0 : 1
}

async function restoreFile(file: string, replace: boolean): Promise<number> {
  const { restoreBackup } = await import('./offline')
  const { at, position, kept } = await restoreBackup(directory, file, replace)
  console.log(`${directory} is as it was at ${new Date(at).toISOString()}, event ${position}`)
  if (kept !== undefined) console.log(`the log that was there lies in ${join(directory, kept)}`)
  console.log('start the node: before anything new is planned it asks the mints for what this backup has forgotten')
  return 0
}

type Restore = { readonly mints?: readonly string[]; readonly gap?: number; readonly words: boolean }

function readRestore(words: readonly string[]): Restore | undefined {
  const mints: string[] = []
  let [gap, withWords]: [number | undefined, boolean] = [undefined, false]
  for (let at = 0; at < words.length; at += 1) {
    const value = words[at + 1]
    if (words[at] === '--words') withWords = true
    else if (words[at] === '--mint' && value !== undefined) mints.push(words[++at] ?? '')
    else if (words[at] === '--gap' && /^[1-9]\d{0,4}$/.test(value ?? '')) gap = Number(words[++at])
    else return undefined
  }
  return { words: withWords, ...(mints.length === 0 ? {} : { mints }), ...(gap === undefined ? {} : { gap }) }
}

/** Exit 1 if a mint did not say all: what it said is booked, and the same command goes on. */
async function restore(options: readonly string[]): Promise<number> {
  const wish = readRestore(options)
  if (wish === undefined) return wrong()
  const node = await find()
  if (node !== undefined && wish.words) throw new Error('other words make another wallet: stop the node first')
  const found = node === undefined ? await restoreHere(wish) : await restoreThere(node, wish)
  console.log(JSON.stringify(found.mints ?? found, null, 2))
  const rows = (found.mints ?? [{ state: 'later' }]) as readonly { readonly state: string }[]
  return rows.every(({ state }) => state === 'done') ? 0 : 1
}

async function restoreHere({ mints, gap, words: asks }: Restore): Promise<Answer> {
  const { readWords } = await import('./keys')
  const words = asks ? readWords(await askSecret('The words, in their order: ')) : undefined
  if (asks && words === undefined)
    throw new Error('these are no wallet words: one is misspelt, missing or out of place')
  const { restoreStopped } = await import('./offline')
  return restoreStopped({ mints, gap, words })
}

async function restoreThere(node: Node, { mints, gap }: Restore): Promise<Answer> {
  let found = await post(node, '/console/wallet-restore', { mints, gap })
  while (found.state === 'running') {
    await Bun.sleep(500)
    found = await post(node, '/console/wallet-restore', { look: true })
  }
  return found
}

async function verify(): Promise<number> {
  const node = await find()
  const { verifyStopped } = await import('./offline')
  const verdict = node === undefined ? await verifyStopped(directory) : await post(node, '/console/log-verify', {})
  console.log(JSON.stringify(verdict, null, 2))
  return verdict.ok === true ? 0 : 1
}

function show(answer: Answer): number {
  console.log(JSON.stringify(answer.error ?? answer.result ?? answer, null, 2))
  return answer.error === undefined ? 0 : 1
}

main(process.argv.slice(2))
  .then((code) => process.exit(code))
  .catch((error: unknown) => {
    console.error(`node-admin: ${String((error as Error)?.message ?? error)}`)
    process.exit(exitCode(error))
  })
