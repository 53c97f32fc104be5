/** First start and environment: makes the node's secrets once and seeds what nobody has set (R-171). */
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import * as nip19 from 'nostr-tools/nip19'
import { getPublicKey } from 'nostr-tools/pure'
import { activeSeed, type Engine, type Log, type SettingValue, type TrustedMint, wish } from '../events'
import { checkOperatorUrl } from './address'
import { WrongSecretKey } from './disk'
import { type Environment, variableOf, WrongConfiguration } from './env'
import { deriveKey, makeWords, type WalletSeed, walletSeed } from './keys'
import { limits } from './limits'
import type { Vault } from './money/vault'
import { isSettingKey, settingDefaults } from './settings'
import type { Trace } from './trace'

const meta = { actor: 'node', door: 'node' } as const
const refs = { words: 'wallet/words', nodeSeed: 'node/seed' } as const

export type Secrets = {
  readonly nodeSeed: Uint8Array
  readonly wallet: WalletSeed
  readonly providerPubkey: string
  /** Opens them anew each time: in memory stays the seed alone. */
  readonly words: () => Promise<string>
}

/** Opens the node's secrets, or makes them at the first start. Throws `WrongSecretKey` if they do not open. */
export async function openSecrets(engine: Engine, log: Log, vault: Vault): Promise<Secrets> {
  const state = await engine.state('node', 'node')
  if (state.created === undefined) await createSecrets(engine, vault)
  const nodeSeed = await opened(log, vault, refs.nodeSeed)
  const node = await engine.state('node', 'node')
  const ref = activeSeed(node)?.words ?? refs.words
  const words = async () => new TextDecoder().decode(await opened(log, vault, ref))
  const provider = node.providerKey
  return {
    nodeSeed,
    wallet: walletSeed(await words()),
    words,
    providerPubkey: provider === undefined ? '' : String(nip19.decode(provider.npub).data),
  }
}

async function createSecrets(engine: Engine, vault: Vault): Promise<void> {
  const words = makeWords()
  const nodeSeed = crypto.getRandomValues(new Uint8Array(32))
  const npub = nip19.npubEncode(deriveKey(nodeSeed, 'provider').publicKey)
  const created = { words: refs.words, nodeSeed: refs.nodeSeed, providerKey: 'derived', npub }
  await engine.execute(wish('node', 'node', { do: 'create', created, seedId: walletSeed(words).seedId }), {
    meta,
    seal: [
      { ref: refs.words, bytes: vault.seal(refs.words, utf8ToBytes(words)) },
      { ref: refs.nodeSeed, bytes: vault.seal(refs.nodeSeed, nodeSeed) },
    ],
  })
}

async function opened(log: Log, vault: Vault, ref: string): Promise<Uint8Array> {
  const sealed = await log.sealed(ref)
  const secret = sealed === undefined ? undefined : vault.open(ref, sealed)
  if (secret === undefined) throw new WrongSecretKey('the secret key does not open the vault of this data directory')
  return secret
}

export type SeedDeps = {
  readonly engine: Engine
  readonly log: Log
  readonly vault: Vault
  readonly ownKeys: readonly string[]
  readonly normaliseMint: (url: string) => { readonly url: string; readonly mintId: string } | undefined
  readonly trace: Trace
}

/** A password is kept as argon2id only (P-32). */
export const hashPassword = (text: string): Promise<string> => Bun.password.hash(text, { algorithm: 'argon2id' })

/** Seeds settings, upstreams, mints, password, owner key and provider key from the environment. */
export async function applyEnvironment(environment: Environment, deps: SeedDeps): Promise<void> {
  const { engine } = deps
  await seedSettings(environment.settings, deps)
  for (const [index, seed] of environment.upstreams.entries()) await seedUpstream(seed, index, deps)
  for (const mint of environment.mints) await seedMint(mint, deps)
  const state = await engine.state('node', 'node')
  if (environment.adminPassword !== undefined && state.password === undefined && !state.passwordCleared) {
    const hash = await hashPassword(environment.adminPassword)
    await engine.execute(wish('node', 'node', { do: 'set-password', hash, source: 'environment' }), { meta })
  }
  if (environment.adminPubkey !== undefined) await seedOwner(environment.adminPubkey, deps)
  if (state.adminRelays.length === 0) await seedRelays(environment.adminRelays, deps)
  if (environment.providerSecret !== undefined) await seedProvider(environment.providerSecret, deps)
}

/** What the operator chose stays; a variable that says otherwise is named, so that nobody waits for it (R-171). */
async function seedSettings(wanted: Environment['settings'], { engine, trace }: SeedDeps): Promise<void> {
  const changes = wanted as Readonly<Record<string, SettingValue>>
  await engine.execute(
    wish('node', 'node', { do: 'apply-settings', changes, defaults: settingDefaults, source: 'environment' }),
    { meta },
  )
  const { settings } = await engine.state('node', 'node')
  for (const [key, value] of Object.entries(changes))
    if (isSettingKey(key) && JSON.stringify(settings[key]?.value) !== JSON.stringify(value))
      trace.warn(`${variableOf(key)} has no effect: the operator set ${key} to another value, and that one holds`)
}

/** One to three, each once, in its own spelling; a private host needs no flag, a public one needs wss (R-127, R-128). */
async function seedRelays(urls: readonly string[], { engine }: SeedDeps): Promise<void> {
  const relays = [...new Set(urls.map((url) => new URL(url).href.replace(/\/$/, '')))]
  if (relays.length === 0) return
  if (relays.length > limits.adminRelays)
    throw new WrongConfiguration(`ADMIN_RELAYS: at most ${limits.adminRelays} relays`)
  for (const relay of relays) {
    const address = await checkOperatorUrl(relay, ['ws:', 'wss:'])
    if ('refused' in address) throw new WrongConfiguration(`ADMIN_RELAYS: ${address.why}`)
  }
  await engine.execute(wish('node', 'node', { do: 'set-admin-relays', relays, source: 'environment' }), { meta })
}

/** Once for each kind and host: what the operator removed does not come back (P-22). */
async function seedUpstream(
  seed: Environment['upstreams'][number],
  index: number,
  { engine, log, vault }: SeedDeps,
): Promise<void> {
  const host = new URL(seed.baseUrl).host
  const stream = `upstream-env-${seed.kind}-${host.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}`
  const known = await log.streams('upstream-')
  if (known.includes(stream)) return
  const address = await checkOperatorUrl(seed.baseUrl, ['http:', 'https:'])
  if ('refused' in address) throw new WrongConfiguration(`UPSTREAM_BASE_URL: ${address.why}`)
  const ref = `upstream-key/${crypto.randomUUID()}`
  const keys = seed.apiKey === undefined ? [] : [{ vault: ref, last4: seed.apiKey.slice(-4) }]
  const config = {
    name: slug(seed.kind === 'generic' ? host : seed.kind, known.length === 0 ? '' : String(known.length + index)),
    kind: seed.kind,
    baseUrl: seed.baseUrl,
    keys,
    priority: 0,
    billing: seed.kind === 'openrouter' ? ('reported' as const) : ('list' as const),
    hostedTools: false,
    streamUsage: true,
    privateAddress: address.privateAddress,
    source: 'environment' as const,
  }
  const seal = seed.apiKey === undefined ? [] : [{ ref, bytes: vault.seal(ref, utf8ToBytes(seed.apiKey)) }]
  await engine.execute(wish('upstream', stream, { do: 'add', config }), { meta, seal })
}

/** A name of the form that `upstreams.add` asks for. */
function slug(text: string, suffix: string): string {
  const clean = `${text}${suffix === '' ? '' : `-${suffix}`}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return clean.slice(0, 64).padEnd(3, '0')
}

async function seedMint(url: string, { engine, normaliseMint }: SeedDeps): Promise<void> {
  const normal = normaliseMint(url)
  if (normal === undefined) throw new WrongConfiguration(`CASHU_MINTS: ${JSON.stringify(url)} is not the URL of a mint`)
  const { mints } = await engine.state('node', 'node')
  // Only a list that nobody has touched is seeded: what the operator removed does not come back.
  if (mints.some((mint) => mint.source === 'operator' || mint.mintId === normal.mintId)) return
  const address = await checkOperatorUrl(normal.url, ['http:', 'https:'])
  if ('refused' in address) throw new WrongConfiguration(`CASHU_MINTS: ${address.why}`)
  const mint: TrustedMint = {
    ...normal,
    units: ['sat', 'msat'],
    privateAddress: address.privateAddress,
    warnings: [],
    source: 'environment',
  }
  await engine.execute(wish('node', 'node', { do: 'trust-mint', mint }), { meta })
}

async function seedOwner(pubkey: string, { engine, ownKeys }: SeedDeps): Promise<void> {
  const admin = { pubkey, role: 'owner' as const, label: 'owner', source: 'environment' as const }
  const outcome = await engine.execute(wish('node', 'node', { do: 'add-admin', admin, nodeKeys: ownKeys }), { meta })
  if ('refused' in outcome && outcome.refused === 'key-clash')
    throw new WrongConfiguration('ADMIN_NPUB: it is a key of this node itself')
}

async function seedProvider(secretHex: string, { engine, vault }: SeedDeps): Promise<void> {
  const state = await engine.state('node', 'node')
  if (state.providerKey?.vault !== 'derived') return
  const secret = hexToBytes(secretHex)
  const publicKey = getPublicKey(secret)
  if (state.admins.some((admin) => admin.pubkey === publicKey))
    throw new WrongConfiguration('NSEC: it is the key of an admin')
  const ref = `provider-key/${crypto.randomUUID()}`
  await engine.execute(
    wish('node', 'node', {
      do: 'set-provider-key',
      vault: ref,
      npub: nip19.npubEncode(publicKey),
      source: 'environment',
    }),
    {
      meta,
      seal: [{ ref, bytes: vault.seal(ref, utf8ToBytes(bytesToHex(secret))) }],
    },
  )
}
