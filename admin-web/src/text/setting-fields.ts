/** Which settings stand where, with label and help as dashboard 4.4 has them, starred ones word for word. */
import { settingsText } from './settings'

export type SettingText = { readonly label: string; readonly help: string }

/** By the setting's key; what is missing here stands under More with its key. */
export const fields: Readonly<Record<string, SettingText>> = {
  'identity.name': { label: 'Name', help: 'Public display name.' },
  'identity.description': { label: 'Description', help: 'Brief description of your service.' },
  'identity.picture': { label: 'Picture', help: 'An https address; part of your announcement when discovery is on.' },
  'identity.publicUrl': { label: 'Public URL', help: 'Where clients reach you; published when discovery is on.' },
  'identity.onionUrl': { label: 'Onion address', help: 'Where clients reach you by Tor.' },
  'pricing.fixed': { label: 'Fixed Pricing', help: 'Flat rate per request instead of per token.' },
  'pricing.fixedCostSat': { label: 'Fixed Cost', help: 'What every request costs when fixed pricing is on.' },
  'pricing.exchangeFee': { label: 'Exchange Fee', help: 'Multiplier for BTC volatility buffer.' },
  'pricing.upstreamFee': { label: 'Upstream Fee', help: 'Your profit margin multiplier.' },
  'pricing.minRequestMsat': { label: 'Minimum charge', help: 'Smallest price of a request.' },
  'pricing.childKeyMsat': { label: 'Child key price', help: 'Price of creating a child key.' },
  'pricing.guardFactor': {
    label: 'Price guard',
    help: 'A price that moves by more than this waits for you; until then the model is not sold.',
  },
  'pricing.refreshS': { label: 'List refresh', help: 'How often each upstream is asked for its models.' },
  'pricing.sellNewModels': {
    label: 'Sell new models',
    help: 'Off: a model that is new in a list waits for an import.',
  },
  'pricing.defaultContext': { label: 'Default context length', help: 'Where an upstream names none.' },
  'pricing.defaultMaxOutput': { label: 'Default longest answer', help: 'Where an upstream names none.' },
  'pricing.searchHoldCalls': {
    label: 'Web searches held for',
    help: 'How many are held for where a request allows them.',
  },
  'rate.sources': {
    label: 'BTC price sources',
    help: 'Median of valid answers. One per line; fixed:100000 sets a rate.',
  },
  'rate.refreshS': { label: 'BTC price refresh', help: 'How often the sources are asked.' },
  'rate.maxAgeS': { label: 'BTC price, longest age', help: 'Older than this, USD-priced models pause.' },
  'rate.feedUrl': { label: 'Price feed', help: 'Public list with prices of models whose upstream publishes none.' },
  'sweep.address': { label: 'Lightning Address', help: 'Your LN address for automatic withdrawals.' },
  'sweep.enabled': {
    label: 'Automatic sweep',
    help: 'Pays your profit out when it exceeds this. Never customers’ money.',
  },
  'sweep.thresholdSat': { label: 'Sweep from', help: 'Your profit is paid out from this amount on.' },
  'sweep.everyMin': { label: 'At most every', help: 'Shortest time between two sweeps.' },
  'sweep.capSat': { label: 'Cap', help: 'The most that one sweep pays out.' },
  'sweep.maxFeePct': { label: 'Fee limit', help: 'A sweep that would cost more waits.' },
  'sweep.keepSat': { label: 'Keep back', help: 'Stays at each mint when you withdraw or sweep.' },
  'lightning.minSat': { label: 'Smallest invoice', help: 'Limits of customers’ Lightning deposits.' },
  'lightning.maxSat': { label: 'Largest invoice', help: 'Limits of customers’ Lightning deposits.' },
  'security.password': { label: 'Admin Password', help: 'Password for dashboard access.' },
  'nostr.nsec': { label: 'Nsec', help: 'Private key for signing announcements.' },
  'security.dailyOutSat': { label: 'Payouts per day', help: 'What a stolen key could take in a day. 0 is never.' },
  'security.dailyNostrSat': { label: 'Of these over Nostr', help: '0 is never.' },
  'security.codeAboveSat': { label: 'Code above', help: 'Larger payouts ask for a code by a second way.' },
  'security.nostrCode': { label: 'Code for Nostr payouts', help: 'Every payout by Nostr asks for a code.' },
  'security.secondWay': { label: 'Code by', help: 'dm: to the owners and the terminal; console: the terminal only.' },
  'security.maxTokenByNostrSat': {
    label: 'Token shown over Nostr up to',
    help: 'A larger one is shown over HTTP only.',
  },
  'security.deviceHours': { label: 'Sign-in life', help: 'A sign-in ends after this, whatever happens.' },
  'security.idleHours': { label: 'Idle sign-in', help: 'A sign-in that is not used ends after this.' },
  'admin.hosts': { label: 'Allowed hosts', help: 'Which further names may open the dashboard. One per line.' },
  'admin.canarySeconds': { label: 'Relay echo', help: 'How often each admin relay is tried.' },
  'network.corsOrigins': {
    label: 'Origins for clients',
    help: 'Which pages may call the API. One per line; * is all.',
  },
  'sessions.maxParallel': { label: 'Requests at once', help: 'For keys that bring no limit of their own.' },
  'sessions.newKeyDays': {
    label: 'Expiry of new keys',
    help: 'For keys that bring no end of their own. Empty: none.',
  },
  'refunds.takeDays': {
    label: 'Uncollected refunds',
    help: 'After this you may take them; never by itself unless switched on.',
  },
  'refunds.takeByItself': {
    label: 'Take them by itself',
    help: 'The node takes a refund that nobody collected for as long as said above. It cannot be undone.',
  },
  'logs.level': { label: 'Level', help: 'Node log only: debug, info, warn or error.' },
  'logs.keepDays': { label: 'Keep', help: 'Node log only. Money events are never pruned.' },
  'logs.maxMb': { label: 'Size', help: 'The oldest lines go first.' },
  'logs.callerAddress': {
    label: 'Caller address',
    help: 'On: lines of the node log name the address that a request came from.',
  },
  'backup.folder': { label: 'Folder', help: 'From the data directory, or from the root.' },
  'backup.at': { label: 'Time', help: 'Each night, in the reporting time zone of the node.' },
  'backup.keep': { label: 'Backups to keep', help: 'The oldest go first.' },
  'display.timeZone': { label: 'Time zone', help: 'Of the node’s reports: days, charts and exports are cut in it.' },
  'network.connectS': { label: 'Connect', help: 'How long a connection to an upstream may take.' },
  'network.firstByteStreamS': {
    label: 'First byte, stream',
    help: 'How long an upstream may think before it streams.',
  },
  'network.firstByteBodyS': { label: 'First byte, body', help: 'How long an upstream may think before it answers.' },
  'network.idleS': { label: 'Idle', help: 'The longest silence within an answer.' },
  'network.totalS': { label: 'Longest request', help: 'Every wait ends; this is the end of all.' },
  'network.drainS': {
    label: 'After a client left',
    help: 'How long an answer is read on, so that it is billed exactly.',
  },
  'network.mintWaitS': { label: 'Mint wait', help: 'How long a customer waits for a mint before the answer is later.' },
  'network.keepaliveS': { label: 'Keep-alive', help: 'A comment in a silent stream, so that no proxy cuts it.' },
  'network.maxAttempts': { label: 'Tries', help: 'How many upstreams one request tries.' },
  'network.torTunnel': { label: 'Tor proxy', help: 'HTTP CONNECT proxy for onion hosts.' },
  'network.exposeProvider': { label: 'Name the provider', help: 'Answers say which kind of upstream served.' },
}

export type Section = keyof typeof settingsText.sections
export const sections = Object.keys(settingsText.sections) as Section[]

/** In the order of the page; a key that no section names stands under More of the section its group belongs to. */
export const sectionKeys: Readonly<Partial<Record<Section, readonly string[]>>> = {
  identity: ['identity.name', 'identity.description', 'identity.publicUrl', 'identity.onionUrl', 'identity.picture'],
  pricing: [
    'pricing.fixed',
    'pricing.fixedCostSat',
    'pricing.exchangeFee',
    'pricing.upstreamFee',
    'pricing.minRequestMsat',
    'pricing.childKeyMsat',
    'pricing.guardFactor',
    'pricing.refreshS',
    'rate.sources',
    'rate.refreshS',
    'rate.maxAgeS',
  ],
  lightning: [
    'sweep.address',
    'sweep.enabled',
    'sweep.thresholdSat',
    'sweep.everyMin',
    'sweep.capSat',
    'sweep.maxFeePct',
    'sweep.keepSat',
    'lightning.minSat',
    'lightning.maxSat',
  ],
  security: [
    'security.dailyOutSat',
    'security.dailyNostrSat',
    'security.codeAboveSat',
    'security.nostrCode',
    'security.secondWay',
    'security.maxTokenByNostrSat',
    'security.deviceHours',
    'security.idleHours',
    'admin.hosts',
    'network.corsOrigins',
  ],
  sessions: ['sessions.maxParallel', 'sessions.newKeyDays', 'refunds.takeDays', 'refunds.takeByItself'],
  backup: ['backup.folder', 'backup.at', 'backup.keep'],
  logs: ['logs.level', 'logs.keepDays', 'logs.maxMb', 'logs.callerAddress'],
  display: ['display.timeZone'],
  network: [
    'network.connectS',
    'network.firstByteStreamS',
    'network.firstByteBodyS',
    'network.idleS',
    'network.totalS',
    'network.drainS',
    'network.mintWaitS',
    'network.torTunnel',
  ],
}
const groups: Readonly<Record<string, Section>> = {
  identity: 'identity',
  pricing: 'pricing',
  rate: 'pricing',
  sweep: 'lightning',
  lightning: 'lightning',
  security: 'security',
  admin: 'security',
  sessions: 'sessions',
  refunds: 'sessions',
  backup: 'backup',
  logs: 'logs',
  display: 'display',
  network: 'network',
}

/** Where a setting stands. */
export const sectionOf = (key: string): Section =>
  sections.find((section) => sectionKeys[section]?.includes(key) === true) ??
  groups[key.split('.')[0] ?? ''] ??
  'network'
