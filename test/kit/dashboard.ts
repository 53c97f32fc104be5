/** The dashboard in a real browser on a real node, with a mint, an upstream and customers who pay. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { chromiumPath } from './chromium'
import { createTestMint, type TestMint } from './mint'
import { startNode, type TestNode, type TestNodeOptions, until } from './node'
import { createTestUpstream, type TestUpstream } from './upstream'
import type { Json } from './upstream/behaviour'

export const password = 'a password of the tests'
/** Under the heading of the page stands what no model should name: text must stay text. */
export const hostileModel = '<img src=x onerror=alert(1)>'

const model = (id: string, prompt: string, completion: string, more: Json = {}): Json => ({
  id,
  name: id,
  context_length: 128_000,
  max_completion_tokens: 4000,
  pricing: { prompt, completion },
  ...more,
})
export const shownModels: readonly Json[] = [
  model('gpt-4o', '0.0000025', '0.00001'),
  model('gpt-4o-mini', '0.00000015', '0.0000006'),
  model('gpt-4-32k', '0.00003', '0.00006', { context_length: 32_768 }),
  model('o5-mini', '0.0000011', '0.0000044', { context_length: 200_000 }),
  model('claude-sonnet-5', '0.000003', '0.000015', { context_length: 200_000 }),
  model('llama-4-maverick', '0.0000002', '0.0000006', { context_length: 1_048_576 }),
  model('mistral-small-3.2', '0.00000005', '0.0000001', { context_length: 131_072 }),
  { id: 'new-thing-preview', name: 'New thing', context_length: 64_000 },
]

export type Stage = {
  readonly mint: TestMint
  readonly upstream: TestUpstream
  readonly node: TestNode
  /** Opens a session with a token of so many sat; answers its key. */
  readonly deposit: (sat: number) => Promise<string>
  /** Asks for an invoice of so many sat that opens a session, and leaves it unpaid. */
  readonly invoice: (sat: number) => Promise<Response>
  readonly chat: (key: string, model: string, tokens?: { prompt: number; completion: number }) => Promise<Response>
  readonly stop: () => Promise<void>
}

/** A node that sells; `models` replaces the list of its upstream. */
export async function startStage(
  options: { readonly models?: readonly Json[]; readonly node?: TestNodeOptions } = {},
): Promise<Stage> {
  const mint = createTestMint({ units: ['sat', 'msat'], feePpk: 100 })
  const upstream = createTestUpstream({ models: options.models ?? shownModels })
  const node = await startNode({
    ...options.node,
    environment: {
      CASHU_MINTS: mint.url,
      NAME: 'Blue Harbour',
      ...options.node?.environment,
    },
  })
  await node.call('upstreams.add', {
    name: 'openai-main',
    kind: 'generic',
    baseUrl: upstream.url,
    apiKeys: ['canary-upstream-key'],
  })
  await until('the models are listed', async () => {
    const list = (await (await fetch(`${node.url}/v1/models`)).json()) as { readonly data: readonly unknown[] }
    return list.data.length > 0 || options.models?.length === 0
  })
  const post = (path: string, body: unknown, bearer?: string) =>
    fetch(`${node.url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify(body),
    })
  return {
    mint,
    upstream,
    node,
    async deposit(sat) {
      const made = await post('/v1/balance/create', { initial_balance_token: mint.token(sat) })
      return ((await made.json()) as { readonly api_key: string }).api_key
    },
    invoice: (sat) => post('/v1/lightning/invoice', { amount_sats: sat, purpose: 'create' }),
    chat(key, wanted, tokens) {
      if (tokens !== undefined) upstream.next({ tokens })
      const messages = [{ role: 'user', content: 'canary prompt text' }]
      return post('/v1/chat/completions', { model: wanted, messages, max_tokens: 500 }, key)
    },
    async stop() {
      await node.stop()
      await mint.stop()
      await upstream.stop()
    },
  }
}

export type Watched = {
  readonly page: Page
  readonly context: BrowserContext
  /** What the browser complained about: a clean page leaves it empty. */
  readonly complaints: string[]
  /** Every address that was asked for. */
  readonly asked: string[]
}

export async function openBrowser(): Promise<Browser> {
  const executablePath = chromiumPath()
  if (executablePath === undefined) throw new Error('no Chromium is installed')
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
}

export type View = {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
  /** A finger instead of a mouse. */
  readonly touch?: boolean
  readonly bypassPolicy?: boolean
}

const browserZone = 'Europe/Berlin'

/** A fresh browser profile that notes every complaint and every request. */
export async function openPage(browser: Browser, view: View = {}): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: view.width ?? 1440, height: view.height ?? 900 },
    colorScheme: view.dark === true ? 'dark' : 'light',
    hasTouch: view.touch ?? false,
    isMobile: view.touch ?? false,
    bypassCSP: view.bypassPolicy ?? false,
    locale: 'en-US',
    timezoneId: browserZone,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const complaints: string[] = []
  const asked: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => asked.push(request.url()))
  return { page, context, complaints, asked }
}

/** Signs in by a set-up link, as its page does, and opens `path`; the typed way has tests of its own. */
export async function signIn(page: Page, node: TestNode, path = '/admin/'): Promise<void> {
  await signInByCode(page, node.url, node.served.signIn.makeLinkCode())
  await page.goto(`${node.url}${path}`)
}

/** As the page of a set-up link: the context is signed in then, on no page yet. */
export async function signInByCode(page: Page, url: string, code: string): Promise<void> {
  const opened = await fetch(`${url}/admin/api/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url, 'x-routstr-admin': '1' },
    body: JSON.stringify({ code, timeZone: browserZone }),
  })
  const [name = '', value = ''] = (opened.headers.get('set-cookie') ?? '').split(';')[0]?.split('=') ?? []
  await page.context().addCookies([{ name, value, url }])
}

export const isStream = (address: string): boolean => address.includes('/admin/api/watch')

/** Each call resolves with the next piece of a live stream that reaches this page. */
export async function streamPieces(page: Page): Promise<() => Promise<void>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  const streams = new Set<string>()
  session.on('Network.responseReceived', ({ requestId, response }) => {
    if (isStream(response.url)) streams.add(requestId)
  })
  return () =>
    new Promise((heard) => {
      const listen = ({ requestId }: { readonly requestId: string }) => {
        if (!streams.has(requestId)) return
        session.off('Network.dataReceived', listen)
        heard()
      }
      session.on('Network.dataReceived', listen)
    })
}
