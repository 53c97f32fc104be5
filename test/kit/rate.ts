/** Another price of a bitcoin for a node of a test, as its operator would set it; at most 20 % away from the one before. */
import { expect } from 'bun:test'
import { type TestNode, until } from './node'

/** Resolves when the node goes by it. */
export async function setRate({ call, node }: TestNode, usdPerBtc: string): Promise<void> {
  expect(await call('settings.apply', { changes: { 'rate.sources': [`fixed:${usdPerBtc}`] } })).toHaveProperty('result')
  await until('the new price is known', () => node.adminNode.rate()?.usdPerBtc === usdPerBtc)
}
