/** What the environment seeds and what it no longer does, and wrong usage at the terminal (configuration 1 and 2, R-171). */
import { expect, test } from 'bun:test'
import { readEnvironment } from '../../core/env'

test('configuration 2 a variable that this version does not serve yet is named, without its value', () => {
  const names = ['METRICS_TOKEN', 'RELAYS', 'MAX_OPEN_INVOICES', 'ANTHROPIC_API_KEY', 'OLLAMA_BASE_URL']
  const { warnings } = readEnvironment(Object.fromEntries(names.map((name) => [name, 'canary-value'])), {
    terminal: false,
  })
  expect(warnings.map((line) => line.split(' ')[0]).toSorted()).toEqual(names.toSorted())
  expect(warnings.join()).not.toContain('canary-value')
})
