/** Which list behind the Wallet Summary is open, as the address has it (dashboard 3, URLs). */
import { useLocation, useNavigate, useSearchParams } from '@solidjs/router'
import { paths } from '../paths'

/** Each list, and which figure it is behind. */
export const walletViews = {
  total: 'total',
  users: 'users',
  yours: 'yours',
  available: 'available',
  running: 'inFlight',
} as const
export type WalletPart = keyof typeof walletViews
const isPart = (name: unknown): name is WalletPart => typeof name === 'string' && Object.hasOwn(walletViews, name)

export function useWalletView() {
  const location = useLocation()
  const navigate = useNavigate()
  const [params] = useSearchParams()
  /** The rest of the address, as the range, stays. */
  const addressOf = (part?: WalletPart) => {
    const search = new URLSearchParams(location.search)
    for (const name of ['view', 'part']) search.delete(name)
    if (part !== undefined) {
      search.set('view', 'wallet')
      search.set('part', part)
    }
    return search.size === 0 ? paths.overview : `${paths.overview}?${search}`
  }
  return {
    part: () => (params.view === 'wallet' && isPart(params.part) ? params.part : undefined),
    addressOf,
    close: () => navigate(addressOf()),
  }
}
