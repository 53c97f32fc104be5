/** `bun run node-admin <verb>`: the local console; talks to the running node with the bearer in its data directory. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { renderANSI } from 'uqr'

const usage = `node-admin link                     a new set-up link (works once, for 15 minutes)
node-admin password <password>      set the dashboard password
node-admin operator <npub>          make a Nostr key an owner
node-admin call <command> [json]    any admin command
node-admin log verify               check the books of the log`

type Node = { readonly url: string; readonly token: string }

/** Exit code 2 for wrong usage, 1 when the node does not answer or says no. */
async function main(words: readonly string[]): Promise<number> {
  const [verb, first, second] = words
  switch (verb) {
    case 'link':
      return link(running())
    case 'password':
      return first === undefined ? wrong() : call(running(), 'security.setPassword', { password: first })
    case 'operator':
      return first === undefined
        ? wrong()
        : call(running(), 'admins.add', { npub: first, role: 'owner', label: 'owner' })
    case 'call':
      return first === undefined ? wrong() : call(running(), first, readParams(second))
    case 'log':
      return first === 'verify' ? show(await post(running(), '/console/log-verify', {})) : wrong()
    default:
      return wrong()
  }
}

function wrong(): number {
  console.error(usage)
  return 2
}

function running(): Node {
  const file = join(resolve(process.env.ROUTSTR_DATA_DIR ?? './data'), 'console.token')
  if (!existsSync(file)) throw new Error(`no node has run on this data directory (${file} is missing)`)
  const [url = '', token = ''] = readFileSync(file, 'utf8').trim().split('\n')
  return { url, token }
}

function readParams(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '{}')
  } catch {
    throw new Error('the parameters are not JSON')
  }
}

async function post({ url, token }: Node, path: string, body: unknown): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(`${url}/admin/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })
  if (response.status === 401)
    throw new Error('the running node does not know this console: is it the same data directory?')
  return (await response.json()) as Readonly<Record<string, unknown>>
}

async function link(node: Node): Promise<number> {
  const { code } = await post(node, '/console/link', {})
  const text = `${node.url}/admin/setup#${String(code)}`
  console.log(`${text}\n(works once, for 15 minutes; the link before it is void)`)
  if (process.stdout.isTTY) console.log(renderANSI(text))
  return 0
}

async function call(node: Node, method: string, params: unknown): Promise<number> {
  return show(await post(node, '/rpc', { id: crypto.randomUUID(), method, params }))
}

function show(answer: Readonly<Record<string, unknown>>): number {
  console.log(JSON.stringify(answer.error ?? answer.result ?? answer, null, 2))
  return answer.error === undefined ? 0 : 1
}

main(process.argv.slice(2))
  .then((code) => process.exit(code))
  .catch((error: unknown) => {
    console.error(`node-admin: ${String((error as Error)?.message ?? error)}`)
    process.exit(1)
  })
