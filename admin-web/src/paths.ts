/** The only file that writes addresses. Every filter, sort, page and open drawer stands in them, nothing secret does. */

export const base = '/admin'

const encoded = (text: string): string => text.split('/').map(encodeURIComponent).join('/')

export const paths = {
  overview: '/',
  sessions: '/sessions',
  session: (hash: string) => `/sessions/${hash}`,
  models: '/models',
  model: (upstream: string, model: string) => `/models/${encodeURIComponent(upstream)}/${encoded(model)}`,
  modelsImport: '/models/import',
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

/** Known tabs, nearest first, for an address that leads nowhere. */
export const nearTab = (path: string): 'sessions' | 'models' | 'overview' => {
  const word = path.toLowerCase()
  if (word.includes('ses') || word.includes('key')) return 'sessions'
  return word.includes('mod') || word.includes('price') ? 'models' : 'overview'
}

/** The tab that an address belongs to. */
export const tabOf = (path: string): 'overview' | 'sessions' | 'models' | undefined => {
  const word = path.slice(base.length).split('/')[1] ?? ''
  if (word === '') return 'overview'
  return word === 'sessions' || word === 'models' ? word : undefined
}
