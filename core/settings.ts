/** Every setting of this node, once: key, name elsewhere, default, bounds, who may change it (remote-admin 17). */
import { z } from 'zod'
import type { ChosenSetting, SettingValue } from '../events'
import { limits } from './limits'
import { readDestination } from './money/pay-request'
import { clientUrl, hostName, isTimeZone, origin, publicUrl, rateSource } from './setting-forms'

export type SettingClass = 'plain' | 'money' | 'payout' | 'security'

type Setting<Value extends SettingValue> = {
  /** Name in the flat RIP-07 map; in capitals the environment's. */
  readonly name: string
  readonly default: Value
  readonly schema: z.ZodType<Value>
  readonly class: SettingClass
  readonly unit?: string
  /** What `settings.get` says about what is allowed. */
  readonly bounds: string
  /** A limit of money that leaves: looser is what goes up, what is switched off, or any other value. */
  readonly looser?: 'up' | 'off' | 'any'
}

const whole = (
  name: string,
  defaultValue: number,
  from: number,
  to: number,
  kind: SettingClass,
  unit: string,
): Setting<number> => ({
  name,
  default: defaultValue,
  schema: z.int().min(from).max(to),
  class: kind,
  unit,
  bounds: `whole number from ${from} to ${to}`,
})
const factor = (name: string, defaultValue: number, from: number, to: number): Setting<number> => ({
  name,
  default: defaultValue,
  schema: z.number().min(from).max(to),
  class: 'money',
  unit: '×',
  bounds: `number from ${from} to ${to}`,
})
const toggle = (name: string, defaultValue: boolean, kind: SettingClass): Setting<boolean> => ({
  name,
  default: defaultValue,
  schema: z.boolean(),
  class: kind,
  bounds: 'true or false',
})
const text = (name: string, defaultValue: string, most: number, kind: SettingClass): Setting<string> => ({
  name,
  default: defaultValue,
  schema: z.string().max(most),
  class: kind,
  bounds: `text of at most ${most} characters`,
})
const list = (name: string, defaultValue: readonly string[], most: number, kind: SettingClass): Setting<string[]> => ({
  name,
  default: [...defaultValue],
  schema: z.array(z.string().min(1).max(500)).max(most),
  class: kind,
  bounds: `at most ${most} entries`,
})

export const settings = {
  'identity.name': {
    ...text('name', 'Routstr Node', 60, 'plain'),
    schema: z.string().min(1).max(60),
    bounds: 'text of 1 to 60 characters',
  },
  'identity.description': text('description', '', 500, 'plain'),
  'identity.picture': {
    ...text('picture', '', 500, 'plain'),
    schema: z.union([z.literal(''), z.url({ protocol: /^https$/ }).max(500)]),
    bounds: 'https URL of a picture, or empty',
  },
  'identity.publicUrl': {
    ...text('http_url', '', 500, 'security'),
    schema: clientUrl,
    bounds: 'https URL, or http to a host of your own network, or empty',
  },
  'identity.onionUrl': {
    ...text('onion_url', '', 500, 'security'),
    schema: publicUrl,
    bounds: 'http URL of an onion host, or empty',
  },
  'pricing.fixed': toggle('fixed_pricing', false, 'money'),
  'pricing.fixedCostSat': whole('fixed_cost_per_request', 1, 1, 1_000_000, 'money', 'sat'),
  'pricing.exchangeFee': factor('exchange_fee', 1.005, 1, 2),
  'pricing.upstreamFee': factor('upstream_fee', 1.1, 0.5, 10),
  'pricing.minRequestMsat': whole('min_request_msat', 1, 1, 1_000_000_000, 'money', 'msat'),
  'pricing.childKeyMsat': whole('child_key_cost', 0, 0, 1_000_000_000, 'money', 'msat'),
  'pricing.guardFactor': factor('price_guard', 3, 1.1, 100),
  'pricing.refreshS': whole('models_refresh_s', 360, 60, 86_400, 'money', 's'),
  'pricing.sellNewModels': toggle('sell_new_models', true, 'money'),
  'pricing.defaultContext': whole('default_context_length', 131_072, 1, 10_000_000, 'money', 'tokens'),
  'pricing.defaultMaxOutput': whole('default_max_output', 16_384, 1, 10_000_000, 'money', 'tokens'),
  'pricing.searchHoldCalls': whole('web_search_hold_calls', 5, 1, 100, 'money', 'calls'),
  'rate.sources': {
    ...list(
      'btc_usd_sources',
      [
        'https://api.kraken.com/0/public/Ticker?pair=XBTUSD',
        'https://api.coinbase.com/v2/prices/BTC-USD/spot',
        'https://api.binance.com/api/v3/ticker/price?symbol=BTCUSDT',
      ],
      10,
      'money',
    ),
    schema: z.array(rateSource).min(1).max(10),
    bounds: 'list of 1 to 10 http or https URLs, or fixed: and a rate in USD',
  },
  'rate.refreshS': whole('btc_usd_refresh_s', 60, 5, 3600, 'money', 's'),
  'rate.maxAgeS': whole('price_max_age_s', 900, 60, 7200, 'money', 's'),
  'rate.feedUrl': {
    ...text('price_feed_url', 'https://openrouter.ai/api/v1/models', 500, 'money'),
    schema: publicUrl,
    bounds: 'http or https URL, or empty',
  },
  'sessions.maxParallel': whole('max_concurrent_per_key', 1000, 1, 1000, 'money', 'requests'),
  'sessions.newKeyDays': {
    name: 'new_key_days',
    default: null,
    schema: z.int().min(1).max(3650).nullable(),
    class: 'money',
    unit: 'd',
    bounds: 'whole number from 1 to 3650, or none',
  } as Setting<number | null>,
  'lightning.minSat': whole('lightning_min_sat', 1, 1, limits.invoiceSats, 'plain', 'sat'),
  'lightning.maxSat': whole('lightning_max_sat', limits.invoiceSats, 1, limits.invoiceSats, 'plain', 'sat'),
  'sweep.enabled': toggle('sweep_enabled', false, 'payout'),
  'sweep.address': {
    ...text('receive_ln_address', '', 500, 'payout'),
    schema: z.string().refine((one) => one === '' || readDestination(one)?.is === 'pay-request'),
    bounds: 'Lightning address or LNURL, or empty',
    looser: 'any',
  },
  'sweep.thresholdSat': whole('sweep_threshold_sat', 10_000, 1, 2_100_000_000, 'payout', 'sat'),
  'sweep.everyMin': whole('sweep_every_min', 60, 1, 43_200, 'payout', 'min'),
  'sweep.capSat': { ...whole('sweep_cap_sat', 1_000_000, 1, 2_100_000_000, 'payout', 'sat'), looser: 'up' },
  'sweep.maxFeePct': { ...factor('sweep_max_fee_pct', 1, 0, 100), class: 'payout', unit: '%' },
  'sweep.keepSat': whole('sweep_keep_sat', 0, 0, 2_100_000_000, 'payout', 'sat'),
  'refunds.takeDays': whole('refund_sweep_days', 180, 30, 3650, 'money', 'days'),
  // Switched on it takes what else only a command with a step-up takes (P-38): it asks for one too.
  'refunds.takeByItself': toggle('refund_sweep_auto', false, 'payout'),
  'network.connectS': whole('connect_timeout_s', 10, 1, 3600, 'plain', 's'),
  'network.firstByteStreamS': whole('first_byte_stream_s', 120, 1, 3600, 'plain', 's'),
  'network.firstByteBodyS': whole('first_byte_body_s', 600, 1, 3600, 'plain', 's'),
  'network.idleS': whole('idle_s', 120, 1, 3600, 'plain', 's'),
  'network.totalS': whole('request_total_s', 3600, 1, 86_400, 'plain', 's'),
  'network.drainS': whole('drain_after_disconnect_s', 300, 1, 3600, 'plain', 's'),
  'network.mintWaitS': whole('mint_wait_s', 20, 1, 24, 'plain', 's'),
  'network.keepaliveS': whole('keepalive_s', 15, 1, 300, 'plain', 's'),
  'network.maxAttempts': whole('max_attempts', 3, 1, 10, 'plain', 'tries'),
  'network.torTunnel': {
    ...text('tor_http_tunnel', '', 500, 'plain'),
    schema: z.union([z.literal(''), z.url({ protocol: /^http$/ })]),
    bounds: 'http URL of an HTTP CONNECT proxy, or empty',
  },
  'network.corsOrigins': {
    ...list('cors_origins', ['*'], 50, 'plain'),
    schema: z.array(origin).max(50),
    bounds: 'list of at most 50 origins (scheme and host), or *',
  },
  'network.exposeProvider': toggle('expose_provider', true, 'plain'),
  'logs.level': {
    ...text('log_level', 'info', 5, 'plain'),
    schema: z.enum(['debug', 'info', 'warn', 'error']) as z.ZodType<string>,
    bounds: 'debug, info, warn or error',
  },
  'logs.keepDays': whole('log_keep_days', 14, 1, 365, 'plain', 'd'),
  'logs.maxMb': whole('log_max_mb', 512, 1, 100_000, 'plain', 'MB'),
  'logs.callerAddress': toggle('log_caller_address', false, 'plain'),
  'backup.folder': {
    ...text('backup_folder', 'backups', 500, 'plain'),
    schema: z
      .string()
      .min(1)
      .max(500)
      .regex(/^[^\0]*$/),
    bounds: 'a folder, from the data directory or from the root',
  },
  'backup.at': {
    ...text('backup_at', '03:00', 5, 'plain'),
    schema: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
    bounds: 'time of day, HH:MM',
  },
  'backup.keep': whole('backup_keep', 14, 1, 365, 'plain', 'backups'),
  'display.timeZone': {
    ...text('time_zone', 'UTC', 60, 'plain'),
    schema: z.string().refine(isTimeZone, 'not a time zone') as z.ZodType<string>,
    bounds: 'IANA time zone',
  },
  'admin.hosts': {
    ...list('admin_hosts', [], 20, 'security'),
    schema: z.array(hostName).max(20),
    bounds: 'list of at most 20 host names',
  },
  'admin.canarySeconds': whole('canary_seconds', 45, 30, 600, 'security', 's'),
  'security.nostrCode': { ...toggle('nostr_code', true, 'security'), looser: 'off' },
  'security.codeAboveSat': { ...whole('code_above_sat', 100_000, 0, 2_100_000_000, 'security', 'sat'), looser: 'up' },
  'security.dailyOutSat': { ...whole('daily_out_sat', 1_000_000, 0, 2_100_000_000, 'security', 'sat'), looser: 'up' },
  'security.dailyNostrSat': { ...whole('daily_nostr_sat', 100_000, 0, 2_100_000_000, 'security', 'sat'), looser: 'up' },
  'security.maxTokenByNostrSat': {
    ...whole('max_token_by_nostr_sat', 10_000, 0, 2_100_000_000, 'security', 'sat'),
    looser: 'up',
  },
  'security.secondWay': {
    ...text('second_way', 'dm', 7, 'security'),
    schema: z.enum(['dm', 'console']),
    bounds: 'dm or console',
  },
  'security.deviceHours': whole('device_hours', 12, 1, 720, 'security', 'h'),
  'security.idleHours': whole('idle_hours', 168, 1, 720, 'security', 'h'),
} as const satisfies Record<string, Setting<SettingValue>>

export type SettingKey = keyof typeof settings
type ValueOf<Key extends SettingKey> = (typeof settings)[Key] extends Setting<infer Value> ? Value : never

/** Looks a setting up as it is now: the operator's or the environment's choice, else the default. */
export type Settings = <Key extends SettingKey>(key: Key) => ValueOf<Key>

/** A limit that gets looser holds a day later, and what held before holds until then. */
export function createSettings(chosen: () => Readonly<Record<string, Chosen>>, now: () => number): Settings {
  return (key) => (valueAt(chosen()[key], now()) ?? settings[key].default) as never
}

type Chosen = Pick<ChosenSetting, 'value' | 'later'>
export const valueAt = (one: Chosen | undefined, nowMs: number): SettingValue | undefined =>
  one?.later !== undefined && nowMs < one.later.at ? one.later.meanwhile : one?.value

export function isLooser(key: SettingKey, old: SettingValue, wanted: SettingValue): boolean {
  const looser = looserWay(key)
  if (looser === 'up') return Number(wanted) > Number(old)
  if (looser === 'off') return old === true && wanted === false
  // Emptied and set again is another one too.
  return looser === 'any' && wanted !== '' && wanted !== old
}

/** Which change of it is a looser one; undefined: none is. */
export const looserWay = (key: SettingKey) => (settings[key] as Setting<SettingValue>).looser

export const isSettingKey = (key: string): key is SettingKey => Object.hasOwn(settings, key)

export const settingDefaults: Readonly<Record<string, SettingValue>> = Object.fromEntries(
  Object.entries(settings).map(([key, setting]) => [key, setting.default]),
)
