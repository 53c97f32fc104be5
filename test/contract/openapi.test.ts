/** The public API describes itself (configuration 4): every path, no other, and a page that runs nothing. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { routes } from '../../core/proxy/app'
import { jsonOf } from '../kit/door'
import type { Json } from '../kit/economy'
import { startNode, type TestNode } from '../kit/node'

let node: TestNode
beforeAll(async () => {
  node = await startNode()
}, 60_000)
afterAll(() => node.stop())

type Operation = { readonly parameters: readonly { readonly name: string; readonly in: string }[] }
type Document = {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Json }
}
const read = async () => (await jsonOf(await fetch(`${node.url}/openapi.json`))) as unknown as Document

test('configuration 4 the OpenAPI document names every public path with its methods, and each of them answers', async () => {
  const { openapi, paths, components } = await read()
  expect(openapi).toBe('3.1.0')
  const described = Object.entries(paths).map(([path, methods]) => [path.replace(/^\/v1(?=\/)/, ''), methods] as const)
  for (const [path, methods] of Object.entries(routes)) {
    const [, own = {}] = described.find(([name]) => name === path) ?? []
    expect([path, Object.keys(own).toSorted()]).toEqual([
      path,
      Object.keys(methods)
        .map((one) => one.toLowerCase())
        .toSorted(),
    ])
  }
  for (const [path, methods] of Object.entries(paths))
    for (const method of Object.keys(methods)) {
      const answer = await fetch(`${node.url}${path.replace(/\{.*?\}/, 'some')}`, { method: method.toUpperCase() })
      const text = await answer.text()
      expect([path, method, answer.status === 405 || text.includes(`Path '`)]).toEqual([path, method, false])
    }
  const referred = [...JSON.stringify(paths).matchAll(/#\/components\/schemas\/(\w+)/g)].map((match) => match[1] ?? '')
  expect(referred.filter((name) => !Object.hasOwn(components.schemas, name))).toEqual([])
})

test('contract 1.2 the document and its page are read from any origin, and the page runs no script', async () => {
  for (const path of ['/openapi.json', '/docs']) {
    const answer = await fetch(`${node.url}${path}`, { headers: { origin: 'https://client.example' } })
    expect([path, answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([path, 200, '*'])
  }
  const page = await fetch(`${node.url}/docs`)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  const html = await page.text()
  expect(html).not.toContain('<script')
  expect(html).toContain('POST /v1/chat/completions')
})
