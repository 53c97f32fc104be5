/** The pages and their addresses; each a chunk of its own, loaded when it is first opened. */
import type { RouteDefinition } from '@solidjs/router'
import { lazy } from 'solid-js'
import Overview from './pages/overview'

export const routes: readonly RouteDefinition[] = [
  // The first page comes with the first load: one round trip less to the Wallet Summary (N1).
  { path: '/', component: Overview },
  { path: ['/sessions', '/sessions/:hash'], component: lazy(() => import('./pages/sessions')) },
  { path: ['/models', '/models/import', '/models/:upstream/*model'], component: lazy(() => import('./pages/models')) },
  { path: ['/settings', '/settings/:section'], component: lazy(() => import('./pages/settings')) },
  { path: ['/withdraw', '/withdraw/:payout'], component: lazy(() => import('./pages/withdraw')) },
  { path: '/logs', component: lazy(() => import('./pages/logs')) },
  { path: ['/logs/requests', '/logs/requests/:requestId'], component: lazy(() => import('./pages/requests')) },
  { path: '/logs/money', component: lazy(() => import('./pages/money')) },
  { path: '/sign-in', component: lazy(() => import('./pages/sign-in')), info: { bare: true } },
  { path: '/setup', component: lazy(() => import('./pages/setup')), info: { bare: true } },
  { path: '*path', component: lazy(() => import('./pages/not-found')) },
]
