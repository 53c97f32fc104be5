/** Rows of the admin table that the Overview and the Logs tab are drawn from. */
import { healthGet } from './health'
import { logsList, logsTail } from './logs'
import { overviewModels, overviewNumbers } from './overview'
import { overviewErrors } from './overview-errors'
import { overviewSeries } from './overview-series'
import { overviewWallet } from './overview-wallet'
import { requestsGet, requestsList } from './requests'
import { requestsRunning } from './requests-running'
import { searchFind } from './search'
import { sessionsTimeline } from './sessions-timeline'

export const insightRows = [
  searchFind,
  healthGet,
  overviewNumbers,
  overviewSeries,
  overviewModels,
  overviewErrors,
  overviewWallet,
  sessionsTimeline,
  logsList,
  logsTail,
  requestsList,
  requestsGet,
  requestsRunning,
] as const
