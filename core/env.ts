/** The only reader of the environment: every variable checked in one place, a wrong one named in one sentence. */
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import * as nip19 from 'nostr-tools/nip19'
import type { SettingValue } from '../events'
import { limits } from './limits'
import { isSettingKey, type SettingKey, settings } from './settings'

/** A variable cannot be used (exit 2); the message names it and says why. */
export class WrongConfiguration extends Error {
  override readonly name = 'WrongConfiguration'
}

export type UpstreamSeed = {
  readonly kind: 'openai' | 'openrouter' | 'generic'
  readonly baseUrl: string
  readonly apiKey: string | undefined
}

export type Environment = {
  readonly host: string
  readonly port: number
  readonly dataDirectory: string
  readonly secretKey: { readonly text: string | undefined; readonly file: string }
  /** Settings named in the environment; they seed what nobody has set. */
  readonly settings: Readonly<Partial<Record<SettingKey, SettingValue>>>
  readonly upstreams: readonly UpstreamSeed[]
  readonly modelsFile: string | undefined
  readonly mints: readonly string[]
  readonly adminPassword: string | undefined
  /** Hex. */
  readonly adminPubkey: string | undefined
  readonly adminRelays: readonly string[]
  /** Hex. */
  readonly providerSecret: string | undefined
  readonly trustedProxies: readonly string[]
  readonly logFormat: 'pretty' | 'json'
  readonly shutdownGraceMs: number
  readonly maxBodyBytes: number
  readonly warnings: readonly string[]
}

type Variables = Readonly<Record<string, string | undefined>>

const openai = 'https://api.openai.com/v1'
const openrouter = 'https://openrouter.ai/api/v1'
/** Kinds that `configuration.md` names and this version does not sell yet. */
const laterKinds = ['ANTHROPIC_API_KEY', 'GROQ_API_KEY', 'GEMINI_API_KEY', 'XAI_API_KEY', 'OLLAMA_BASE_URL']
/** What else is named there and not served yet. */
const later: readonly (readonly [string, string])[] = [
  ...laterKinds.map((name) => [name, 'upstreams of that kind are not sold yet'] as const),
  ['METRICS_TOKEN', 'GET /metrics is not served yet'],
  ['RELAYS', 'the node does not announce itself yet'],
  ['MAX_OPEN_INVOICES', 'that bound cannot be moved yet'],
]

/** Where an empty text says something else than none: the default is not empty (configuration 2, "empty: off"). */
const mayBeEmpty = ['PRICE_FEED_URL']

/** Reads and checks all variables. Throws `WrongConfiguration` for the first that cannot be used. */
export function readEnvironment(all: Variables, { terminal }: { readonly terminal: boolean }): Environment {
  const variables: Variables = Object.fromEntries(
    Object.entries(all).filter(([name, value]) => value !== undefined && (value !== '' || mayBeEmpty.includes(name))),
  )
  if (variables.DATABASE_URL !== undefined)
    throw new WrongConfiguration('DATABASE_URL: a PostgreSQL server is not supported yet')
  const dataDirectory = resolve(variables.ROUTSTR_DATA_DIR ?? './data')
  return {
    host: host(variables.HOST ?? '127.0.0.1'),
    port: whole(variables, 'PORT', 8000, 0, 65_535),
    dataDirectory,
    secretKey: {
      text: variables.NODE_SECRET_KEY,
      file: resolve(variables.NODE_SECRET_KEY_FILE ?? `${dataDirectory}/secret.key`),
    },
    settings: readSettings(variables),
    upstreams: readUpstreams(variables),
    modelsFile: variables.MODELS_FILE,
    mints: commaList(variables.CASHU_MINTS).map((mint) => url('CASHU_MINTS', mint)),
    adminPassword: password(variables.ADMIN_PASSWORD),
    adminPubkey: pubkey(variables.ADMIN_NPUB),
    adminRelays: commaList(variables.ADMIN_RELAYS).map((relay) => url('ADMIN_RELAYS', relay, ['ws:', 'wss:'])),
    providerSecret: secretKey(variables.NSEC),
    trustedProxies: commaList(variables.TRUSTED_PROXIES).map(address),
    logFormat: oneOf(variables, 'LOG_FORMAT', ['pretty', 'json'], terminal ? 'pretty' : 'json'),
    shutdownGraceMs: whole(variables, 'SHUTDOWN_GRACE_MS', 20_000, 0, 3_600_000),
    maxBodyBytes: whole(variables, 'MAX_BODY_MB', limits.inferenceBodyBytes / 1024 / 1024, 1, 1024) * 1024 * 1024,
    warnings: later
      .filter(([name]) => variables[name] !== undefined)
      .map(([name, why]) => `${name} is set, but ${why}: it is ignored`),
  }
}

/** Each setting is seeded by its name in capitals; one goes by another. */
export const variableOf = (key: SettingKey): string =>
  key === 'identity.publicUrl' ? 'PUBLIC_URL' : settings[key].name.toUpperCase()

function readSettings(variables: Variables): Environment['settings'] {
  const seeded: Partial<Record<SettingKey, SettingValue>> = {}
  for (const key of Object.keys(settings).filter(isSettingKey)) {
    const variable = variableOf(key)
    const text = variables[variable]
    if (text !== undefined) seeded[key] = readSetting(variable, text, key)
  }
  return seeded
}

function readSetting(variable: string, text: string, key: SettingKey): SettingValue {
  const setting = settings[key]
  const value = Array.isArray(setting.default)
    ? commaList(text)
    : readScalar(text, setting.default === null ? 'number' : typeof setting.default)
  const parsed = setting.schema.safeParse(value)
  if (!parsed.success)
    throw new WrongConfiguration(`${variable}: ${JSON.stringify(text)} is not usable, it must be: ${setting.bounds}`)
  return parsed.data
}

function readScalar(text: string, type: string): SettingValue {
  if (type === 'number') return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN
  if (type === 'boolean') {
    const word = text.trim().toLowerCase()
    if (['true', '1', 'yes', 'on'].includes(word)) return true
    if (['false', '0', 'no', 'off'].includes(word)) return false
  }
  return text
}

function readUpstreams(variables: Variables): UpstreamSeed[] {
  const seeds: UpstreamSeed[] = []
  for (const name of ['UPSTREAM_API_KEY', 'OPENAI_API_KEY', 'OPENROUTER_API_KEY']) headerText(name, variables[name])
  const { UPSTREAM_BASE_URL, UPSTREAM_API_KEY, UPSTREAM_KIND, OPENAI_API_KEY, OPENROUTER_API_KEY } = variables
  if (UPSTREAM_BASE_URL === undefined && (UPSTREAM_API_KEY !== undefined || UPSTREAM_KIND !== undefined))
    throw new WrongConfiguration('UPSTREAM_BASE_URL: it must be set when UPSTREAM_API_KEY or UPSTREAM_KIND is')
  if (UPSTREAM_BASE_URL !== undefined) {
    const baseUrl = url('UPSTREAM_BASE_URL', UPSTREAM_BASE_URL)
    const kind = oneOf(variables, 'UPSTREAM_KIND', ['openai', 'openrouter', 'generic'], guessKind(baseUrl))
    seeds.push({ kind, baseUrl, apiKey: UPSTREAM_API_KEY })
  }
  if (OPENAI_API_KEY !== undefined) seeds.push({ kind: 'openai', baseUrl: openai, apiKey: OPENAI_API_KEY })
  if (OPENROUTER_API_KEY !== undefined)
    seeds.push({ kind: 'openrouter', baseUrl: openrouter, apiKey: OPENROUTER_API_KEY })
  return seeds
}

/** The host says which kind an upstream is; anything else is OpenAI-compatible. */
export function guessKind(baseUrl: string): 'openai' | 'openrouter' | 'generic' {
  const { hostname } = new URL(baseUrl)
  if (hostname === 'api.openai.com') return 'openai'
  return hostname === 'openrouter.ai' || hostname.endsWith('.openrouter.ai') ? 'openrouter' : 'generic'
}

const commaList = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry.length > 0)

function whole(variables: Variables, name: string, fallback: number, from: number, to: number): number {
  const text = variables[name]
  if (text === undefined) return fallback
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN
  if (!(value >= from && value <= to))
    throw new WrongConfiguration(`${name}: ${JSON.stringify(text)} is not a whole number from ${from} to ${to}`)
  return value
}

function oneOf<Word extends string>(variables: Variables, name: string, words: readonly Word[], fallback: Word): Word {
  const text = variables[name]
  if (text === undefined) return fallback
  const word = words.find((one) => one === text.trim().toLowerCase())
  if (word === undefined)
    throw new WrongConfiguration(`${name}: ${JSON.stringify(text)} is not one of ${words.join(', ')}`)
  return word
}

function url(name: string, text: string, protocols: readonly string[] = ['http:', 'https:']): string {
  const parsed = URL.parse(text)
  if (parsed === null || !protocols.includes(parsed.protocol))
    throw new WrongConfiguration(`${name}: ${JSON.stringify(text)} is not a URL with ${protocols.join(' or ')}`)
  if (parsed.username !== '' || parsed.password !== '')
    throw new WrongConfiguration(`${name}: a URL here must not carry credentials`)
  return text.replace(/\/+$/, '')
}

function host(text: string): string {
  if (isIP(text) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(text)) return text
  throw new WrongConfiguration(`HOST: ${JSON.stringify(text)} is not an address or a host name`)
}

function address(text: string): string {
  if (isIP(text) !== 0) return text
  throw new WrongConfiguration(`TRUSTED_PROXIES: ${JSON.stringify(text)} is not an IP address`)
}

/** What cannot stand in a header would fail every single call. The text itself is a secret and is not shown. */
function headerText(name: string, text: string | undefined): void {
  if (text !== undefined && !/^[\x21-\x7e]+$/.test(text))
    throw new WrongConfiguration(`${name}: it must hold printable ASCII without spaces`)
}

function password(text: string | undefined): string | undefined {
  if (text !== undefined && (text.length < 8 || text.length > 128))
    throw new WrongConfiguration('ADMIN_PASSWORD: it must have 8 to 128 characters')
  return text
}

function pubkey(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const hex = text.startsWith('npub1') ? decoded(text, 'npub') : text.toLowerCase()
  if (typeof hex !== 'string' || !/^[0-9a-f]{64}$/.test(hex))
    throw new WrongConfiguration('ADMIN_NPUB: it is not an npub or 64 hex digits')
  return hex
}

function secretKey(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const raw = text.startsWith('nsec1') ? decoded(text, 'nsec') : text.toLowerCase()
  const hex = raw instanceof Uint8Array ? Buffer.from(raw).toString('hex') : raw
  if (hex === undefined || !/^[0-9a-f]{64}$/.test(hex))
    throw new WrongConfiguration('NSEC: it is not an nsec or 64 hex digits')
  return hex
}

function decoded(text: string, type: 'npub' | 'nsec'): string | Uint8Array | undefined {
  try {
    const found = nip19.decode(text)
    return found.type === type ? (found.data as string | Uint8Array) : undefined
  } catch {
    return undefined
  }
}
