/** A browser on a node that has a past, and a signed-in page of it; what the figures of the dashboard stand on. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, CDPSession } from 'playwright-core'
import { openBrowser, openPage, signInByCode, type View, type Watched } from '../kit/dashboard'
import { until } from '../kit/node'
import { type Shown, viewPaths } from '../kit/views'
import { seedDirectory } from './seed'
import { chat, type Stage, startStage } from './stage'

/** The past of a run without `--data`: more than a page of everything. */
const smallPast = { requests: 6000, sessions: 300, seed: 1 }

export type WebStage = {
  readonly stage: Stage
  /** Where the dashboard lies, without a slash at its end. */
  readonly admin: string
  readonly views: ReturnType<typeof viewPaths>
  /** A fresh profile, signed in, on no page yet. */
  readonly open: (view?: View) => Promise<Watched>
  /** The developer's door of a page. */
  readonly inspect: (watched: Watched) => Promise<CDPSession>
  /** Pays for this many requests a second until told to stop, which answers how many were paid. */
  readonly trade: (perSecond: number) => () => Promise<number>
  readonly stop: () => Promise<void>
}

export async function startWebStage(data: string | undefined): Promise<WebStage> {
  const temporary = data === undefined ? mkdtempSync(join(tmpdir(), 'routstr-bench-')) : undefined
  if (temporary !== undefined) await seedDirectory(temporary, smallPast)
  const stage = await startStage(data ?? temporary)
  const browser = await openBrowser().catch(async (error: unknown) => {
    await stage.stop()
    throw error
  })
  const cookies = await signedIn(browser, stage)
  return {
    stage,
    admin: `${stage.nodeUrl}/admin`,
    views: viewPaths(await shownBy(stage)),
    async open(view) {
      const watched = await openPage(browser, view)
      await watched.context.addCookies(cookies)
      return watched
    },
    inspect: ({ page, context }) => context.newCDPSession(page),
    trade: (perSecond) => trade(stage, perSecond),
    async stop() {
      await browser.close()
      await stage.stop()
      if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true })
    },
  }
}

/** What one sign-in leaves in the browser; for more than a few of them the node would ask for patience. */
async function signedIn(browser: Browser, { nodeUrl, directory }: Stage) {
  const [url = '', token = ''] = readFileSync(join(directory, 'console.token'), 'utf8').trim().split('\n')
  const made = await fetch(`${url}/admin/api/console/link`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: '{}',
  })
  const { code } = (await made.json()) as { readonly code: string }
  const { page, context } = await openPage(browser)
  await signInByCode(page, nodeUrl, code)
  const cookies = await context.cookies()
  await context.close()
  return cookies
}

async function shownBy(stage: Stage): Promise<Shown> {
  await pay(stage)
  const first = async (method: string, params = {}) =>
    ((await stage.call(method, params)).rows as readonly Readonly<Record<string, string>>[])[0]
  await until('the request is listed', async () => (await first('requests.list', { limit: 1 })) !== undefined)
  const request = await first('requests.list', { limit: 1 })
  const upstream = await first('upstreams.list')
  return {
    hash: request?.key12 ?? '',
    requestId: request?.requestId ?? '',
    upstream: upstream?.id ?? '',
    model: 'gpt-x',
  }
}

async function pay({ chatUrl, keys }: Stage): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${keys[0]}` }
  const answer = await fetch(chatUrl.node, { method: 'POST', headers, body: chat() })
  await answer.arrayBuffer()
  if (answer.status !== 200) throw new Error(`a chat was answered ${answer.status}`)
}

/** A customer who does not wait for the answer before; what is slower than that is not made up for. */
function trade(stage: Stage, perSecond: number): () => Promise<number> {
  const mostAtOnce = 50
  const open = new Set<Promise<void>>()
  let paid = 0
  let failure: unknown
  const timer = setInterval(() => {
    if (open.size >= mostAtOnce || failure !== undefined) return
    const one = pay(stage)
      .then(() => {
        paid += 1
      })
      .catch((error: unknown) => {
        failure = error
      })
      .finally(() => open.delete(one))
    open.add(one)
  }, 1000 / perSecond)
  return async () => {
    clearInterval(timer)
    await Promise.all(open)
    if (failure !== undefined) throw failure
    return paid
  }
}
