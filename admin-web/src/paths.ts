/** The only file that writes addresses. Every filter, sort, page and open drawer stands in them, nothing secret does. */

export const base = '/admin'

const encoded = (text: string): string => text.split('/').map(encodeURIComponent).join('/')

type Filters = Readonly<Record<string, string>>

export const paths = {
  overview: '/',
  sessions: '/sessions',
  session: (hash: string) => `/sessions/${hash}`,
  models: '/models',
  model: (upstream: string, model: string) => `/models/${encodeURIComponent(upstream)}/${encoded(model)}`,
  modelsImport: '/models/import',
  settings: '/settings',
  section: (section: string) => `/settings/${section}`,
  withdraw: '/withdraw',
  payout: (payout: string) => `/withdraw/${encodeURIComponent(payout)}`,
  logs: '/logs',
  requests: '/logs/requests',
  request: (requestId: string) => `/logs/requests/${encodeURIComponent(requestId)}`,
  money: '/logs/money',
  /** A list over exactly these Unix seconds, `toS` outside, as what a figure of the Overview is the sum of. */
  between: (
    part: '/logs' | '/logs/requests' | '/logs/money' | '/sessions',
    fromS: number,
    toS: number,
    filters: Filters = {},
  ) => `${part}?${new URLSearchParams({ ...filters, from: String(fromS), to: String(toS), live: '0' })}`,
  signIn: '/sign-in',
  setup: '/setup',
} as const

/** The sign-in page, which leads back to where one stood. */
export const signInFrom = (path: string): string => {
  const isPage = path.startsWith(`${base}/`) && !path.startsWith(`${base}/sign-in`)
  return isPage && path !== `${base}/` ? `${paths.signIn}?next=${encodeURIComponent(path)}` : paths.signIn
}

/** Where to go after sign-in: only a path of this dashboard counts (D-003). Answers it without the base. */
export function nextPath(next: string | undefined): string {
  if (next === undefined || !next.startsWith(`${base}/`) || next.includes('\\')) return paths.overview
  const url = URL.parse(next, location.origin)
  if (url === null || url.origin !== location.origin || !url.pathname.startsWith(`${base}/`)) return paths.overview
  return `${url.pathname.slice(base.length)}${url.search}`
}

/** The tabs of the owner's document, in its order (D-001). */
export const tabs = ['overview', 'sessions', 'models', 'settings', 'withdraw', 'logs'] as const
export type Tab = (typeof tabs)[number]

const nearWords: Readonly<Record<string, Tab>> = {
  ses: 'sessions',
  key: 'sessions',
  mod: 'models',
  price: 'models',
  set: 'settings',
  mint: 'settings',
  pay: 'withdraw',
  with: 'withdraw',
  log: 'logs',
  req: 'logs',
}

/** A tab that was meant, for an address that leads nowhere. */
export const nearTab = (path: string): Tab => {
  const words = path.slice(base.length).toLowerCase()
  return Object.entries(nearWords).find(([part]) => words.includes(part))?.[1] ?? 'overview'
}

/** The tab that an address belongs to. */
export const tabOf = (path: string): Tab | undefined => {
  const word = path.slice(base.length).split('/')[1] ?? ''
  return word === '' ? 'overview' : tabs.find((tab) => tab === word)
}
