/** Start: read the environment, build the node, listen, stop cleanly. Exit codes by configuration 1. */
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderANSI } from 'uqr'
import { type Environment, readEnvironment } from './env'
import { exitCode } from './exit-code'
import { checkHost } from './listen'
import { createNode } from './node'
import { serve } from './serve'
import { createTrace } from './trace'

const headerBytes = '--max-http-header-size=131072'
const fetchesAtOnce = '4096'

/** Bun reads both before any program runs, so this one replaces itself once, under the same pid. */
function withBunOptions(): void {
  if (process.env.BUN_CONFIG_MAX_HTTP_REQUESTS !== undefined && process.execArgv.includes(headerBytes)) return
  if (process.env.ROUTSTR_REPLACED === '1') return
  const environment = {
    ...process.env,
    BUN_CONFIG_MAX_HTTP_REQUESTS: process.env.BUN_CONFIG_MAX_HTTP_REQUESTS ?? fetchesAtOnce,
    ROUTSTR_REPLACED: '1',
  }
  const replace = (
    process as unknown as { execve?: (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => void }
  ).execve
  replace?.(
    process.execPath,
    [process.execPath, headerBytes, ...process.execArgv, ...process.argv.slice(1)],
    environment,
  )
}

const say = (text: string) => process.stdout.write(`${text}\n`)

/** Ctrl-C reaches the node and the `bun run` before it, which passes it on: within this it is one signal. */
const oneSignalMs = 1000

/**
 * The first SIGTERM or SIGINT. Listened to from the very start: one that comes early stops the node once it is up.
 * Another one later ends the process where it stands, as a kill at any instruction may.
 */
function firstSignal(): Promise<string> {
  return new Promise((resolve) => {
    let firstAt: number | undefined
    const hear = (signal: string) => {
      firstAt ??= Date.now()
      if (Date.now() - firstAt > oneSignalMs) process.exit(1)
      resolve(signal)
    }
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, hear)
  })
}

async function main(): Promise<void> {
  const environment = readEnvironment(process.env, { terminal: process.stdout.isTTY === true })
  await checkHost(environment.host)
  const signal = firstSignal()
  const trace = createTrace({ level: 'info', format: environment.logFormat, now: Date.now })
  const node = await createNode(environment, {
    now: Date.now,
    pause: Bun.sleep,
    stopHere: async () => undefined,
    trace,
    print: say,
  })
  const consoleToken = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
  const served = await serveOrStop(node, { ...environment, consoleToken, trace })
  const tokenFile = join(environment.dataDirectory, 'console.token')
  writeFileSync(tokenFile, `${served.url}\n${consoleToken}\n`, { mode: 0o600 })
  chmodSync(tokenFile, 0o600)
  for (const warning of environment.warnings) trace.warn(warning)
  await announce(environment, node, served)
  // No new requests; running ones get their time, commits finish (configuration 1).
  trace.info('Stopping', { signal: await signal })
  node.drain()
  await served.stop(environment.shutdownGraceMs)
  await node.stop(environment.shutdownGraceMs)
  process.exit(0)
}

/** A node that cannot listen is closed like any other. */
async function serveOrStop(...[node, options]: Parameters<typeof serve>): Promise<ReturnType<typeof serve>> {
  try {
    return serve(node, options)
  } catch (error) {
    await node.stop(0)
    throw error
  }
}

/** What an operator needs first: where it listens, how he gets in, what is still missing. */
async function announce(
  environment: Environment,
  node: Awaited<ReturnType<typeof createNode>>,
  served: ReturnType<typeof serve>,
): Promise<void> {
  say(`\nroutstr-node ${node.publicNode.version}  pid ${process.pid}`)
  say(`endpoint   ${served.url}/v1`)
  if (await served.signIn.needsLink()) {
    const link = `${served.url}/admin/setup#${served.signIn.makeLinkCode()}`
    say(`dashboard  ${link}`)
    say('           (works once, for 15 minutes; print a new one: bun run node-admin link)')
    if (environment.logFormat === 'pretty') say(renderANSI(link))
  } else say(`dashboard  ${served.url}/admin/`)
  if (node.adminNode.upstreams.streams().length === 0)
    say('missing    an upstream: set UPSTREAM_BASE_URL and UPSTREAM_API_KEY, or add one in the dashboard')
  if (node.publicNode.mints().length === 0) say('missing    a mint: set CASHU_MINTS, or add one in the dashboard')
  say('')
}

if (import.meta.main) {
  withBunOptions()
  main().catch((error: unknown) => {
    process.stderr.write(`routstr-node: ${String((error as Error)?.message ?? error)}\n`)
    process.exit(exitCode(error))
  })
}
