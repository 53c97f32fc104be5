/** Exit codes of the node and of its console (configuration 1). */
import { LogTooNew } from '../events'
import { DirectoryInUse, DirectoryUnusable, WrongSecretKey } from './disk'
import { WrongConfiguration } from './env'

/** Which mistakes have an exit code of their own. */
export function exitCode(error: unknown): number {
  if (error instanceof WrongConfiguration || error instanceof DirectoryUnusable) return 2
  if (error instanceof DirectoryInUse) return 3
  if (error instanceof WrongSecretKey) return 4
  return error instanceof LogTooNew ? 5 : 1
}
