/** What callers of the deposit process see of it. */
export type { DepositWish, PlanRefusal } from './deposit-plan'
export type { DepositOutcome } from './deposits'
