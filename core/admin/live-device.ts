/** Whether a device is still one: not past its life, and used within the idle limit. */
import type { Device } from '../../events'
import type { AdminNode } from './node-port'

type Clocked = Pick<AdminNode, 'settings' | 'lastSeen'>

/** Unix ms of its last use; one that nobody saw since a rebuild counts from when it was opened. */
export const lastUseOf = ({ device, openedAt }: Device, { lastSeen }: Clocked): number | undefined =>
  lastSeen.at(device) ?? (openedAt === undefined ? undefined : openedAt * 1000)

export function isLive(device: Device, node: Clocked, nowMs: number): boolean {
  const used = lastUseOf(device, node)
  const isIdle = used !== undefined && nowMs - used > node.settings('security.idleHours') * 3600_000
  return device.expiresAt * 1000 > nowMs && !isIdle
}
