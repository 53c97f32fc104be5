/** Who signed a change, by name: an operator, the way a browser signed in, a script, the node's own doors. */
import * as nip19 from 'nostr-tools/nip19'
import { findSigners, type Signer } from '../../events'
import type { AdminNode } from './node-port'

const ways: Readonly<Record<string, string>> = { password: 'password', setup: 'set-up link' }

/** Names of these actors, as the events have them; what is no key, device or token is its own name. */
export async function signedBy(
  ids: readonly string[],
  node: Pick<AdminNode, 'engine' | 'views'>,
): Promise<(id: string) => string> {
  const { admins } = await node.engine.state('node', 'node')
  const found = new Map((await findSigners(node.views.sql, [...new Set(ids)])).map((one) => [one.id, one]))
  const adminName = (admin: string) => {
    const known = admins.find(({ pubkey }) => pubkey === admin)
    if (known !== undefined && known.label !== '') return known.label
    return /^[0-9a-f]{64}$/.test(admin) ? shortNpub(admin) : (ways[admin] ?? admin)
  }
  const named = ({ kind, admin, label }: Signer) =>
    kind === 'token' ? `token ${label}` : [adminName(admin), label].filter((word) => word !== '').join(', ')
  return (id) => {
    const signer = found.get(id)
    return signer === undefined ? adminName(id) : named(signer)
  }
}

function shortNpub(pubkey: string): string {
  const npub = nip19.npubEncode(pubkey)
  return `${npub.slice(0, 10)}…${npub.slice(-6)}`
}
