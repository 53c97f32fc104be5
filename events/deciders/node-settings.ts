/** Settings as the node keeps them: what changes is an event, a looser limit says when it holds. */
import type { NodeEvent, SettingValue } from '../schema/node'
import type { Node, NodeCommand } from './node'

/** Only what changes is an event; a setting that nobody set has its default as old value. */
export function applySettings(state: Node, command: Extract<NodeCommand, { do: 'apply-settings' }>): NodeEvent[] {
  const changes = []
  for (const [key, wanted] of Object.entries(command.changes)) {
    const known = state.settings[key]
    // The environment seeds what nobody has set; what it seeded itself was set by nobody, and follows it.
    if (command.source === 'environment' && known?.source === 'operator') continue
    const old = known?.value ?? command.defaults[key] ?? null
    const later = command.later?.[key]
    if (known === undefined || !sameValue(old, wanted))
      changes.push({ key, old, new: wanted, ...(later === undefined ? {} : { later }) })
  }
  const moved =
    command.source === 'environment' ? changes : changes.filter((change) => !sameValue(change.old, change.new))
  return moved.length === 0 ? [] : [{ type: 'node.settings-changed', data: { changes: moved, source: command.source } }]
}

function sameValue(a: SettingValue, b: SettingValue): boolean {
  return Array.isArray(a) && Array.isArray(b) ? sameList(a, b) : a === b
}

export const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((entry, index) => entry === b[index])
