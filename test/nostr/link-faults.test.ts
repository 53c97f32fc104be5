/** The relay link against relays that lie, stall, count and forget, and by the tunnel to onions. */
import { afterEach, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { openLink, type TestLink } from '../kit/link'
import { until } from '../kit/node'
import { createTestRelay, type RelayOptions, type TestRelay } from '../kit/relay'
import { atNight } from '../kit/sizes'

const open: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})
function relay(options: RelayOptions = {}): TestRelay {
  const made = createTestRelay(options)
  open.push(made.stop)
  return made
}
function link(urls: readonly string[], options: Parameters<typeof openLink>[1] = {}): TestLink {
  const made = openLink(urls, options)
  open.push(made.relays.close)
  return made
}
const sent = (one: TestRelay, type: string) => one.received.filter(([word]) => word === type)
const published = (one: TestRelay, id: string) =>
  sent(one, 'EVENT').filter(([, event]) => (event as { readonly id: string }).id === id).length
const outcomeOf = async (one: TestLink, event = one.wrap()) => [...(await one.relays.publish(event)).values()][0]

test('R-134 a relay that challenges at every refusal is not answered in a loop', async () => {
  const one = relay({ auth: 'lazy', refuseAuth: true })
  // Longer than the patience for a sign-in without an answer, so that a loop would show.
  const linked = link([one.url], { waits: { publishMs: 1500 } })
  await until('it was refused', () => linked.relays.health()[0]?.auth === 'refused')
  const outcome = linked.relays.publish(linked.wrap())
  await until('the publish was refused too', () => sent(one, 'EVENT').length > 0)
  await outcome
  expect([sent(one, 'AUTH').length, sent(one, 'EVENT').length]).toEqual([1, 1])
  expect(sent(one, 'REQ').length).toBeLessThan(4)
}, 20_000)

test('R-134 a publish that was refused for want of sign-in goes out exactly once more', async () => {
  const one = relay({ auth: 'lazy' })
  const linked = link([one.url])
  await until('it is signed in', () => linked.relays.health()[0]?.auth === 'ok')
  one.setFault(() => ({ refuse: 'auth-required: again' }))
  const event = linked.wrap()
  expect(await outcomeOf(linked, event)).toEqual({ is: 'refused', reason: 'auth-required: again' })
  expect(published(one, event.id)).toBe(2)
})

test('R-135 rate-limited is repeated and passes, a duplicate counts as ok, other refusals are final', async () => {
  const one = relay()
  const linked = link([one.url])
  await linked.live()
  let tries = 0
  one.setFault(() => {
    tries += 1
    return tries === 1 ? { refuse: 'rate-limited: slow down' } : undefined
  })
  const event = linked.wrap()
  expect(await outcomeOf(linked, event)).toEqual({ is: 'ok' })
  expect(published(one, event.id)).toBe(2)
  expect(await outcomeOf(linked, event)).toEqual({ is: 'ok' })
  one.setFault(() => ({ refuse: 'blocked: \u001b[31myou' }))
  expect(await outcomeOf(linked)).toEqual({ is: 'refused', reason: 'blocked: \\u{1b}[31myou' })
  expect(linked.relays.health()[0]?.refusedBy).toEqual({ 'rate-limited': 1, blocked: 1 })
})

test('R-135 an OK without an id is the refusal of what was sent before it', async () => {
  const one = relay()
  const linked = link([one.url])
  await linked.live()
  one.setFault(() => 'drop')
  const event = linked.wrap()
  const outcome = outcomeOf(linked, event)
  await until('it was sent', () => published(one, event.id) === 1)
  one.sendRaw('["OK","",false,"invalid: no"]')
  expect(await outcome).toEqual({ is: 'refused', reason: 'invalid: no' })
})

test('R-133 what was told as offline goes out when the relay is there again', async () => {
  const one = relay()
  const linked = link([one.url], { waits: { publishMs: 100 } })
  await linked.live()
  await one.stop()
  await until('the link noticed', () => linked.relays.health()[0]?.state === 'down')
  const event = linked.wrap()
  expect(await outcomeOf(linked, event)).toEqual({ is: 'offline' })
  one.restart()
  await until('it arrived', () => one.events().some(({ id }) => id === event.id), 30_000)
}, 45_000)

test('R-133 a subscription that the relay closed is asked for again, later each time', async () => {
  const one = relay()
  const linked = link([one.url], { waits: { resubscribeMs: 100 } })
  await linked.live()
  await until('it is subscribed', () => sent(one, 'REQ').length > 0)
  const before = sent(one, 'REQ').length
  one.sendRaw('["CLOSED","inbox","error: shutting down idle subscription"]')
  await until('it was asked for again', () => sent(one, 'REQ').length > before, 15_000)
}, 30_000)

test('R-131 a backlog is read to its end whatever the cap of the relay, live traffic in between or not', async () => {
  const one = relay({ cap: 20 })
  const writer = link([one.url])
  await writer.live()
  const reader = (): TestLink => link([one.url], { routeTo: async () => ({ proxy: undefined }) })
  const first = reader()
  await first.live()
  const events = Array.from({ length: 90 }, () => first.wrap())
  for (const event of events) await writer.relays.publish(event)
  await until('all were heard live', () => new Set(first.heard.map(({ id }) => id)).size === 90)
  const heardLive = first.heard.length
  first.relays.catchUp()
  first.relays.catchUp()
  await until('all were read again', () => new Set(first.heard.slice(heardLive).map(({ id }) => id)).size === 90)
})

test('R-132 R-137 a peer that takes everything and says nothing is let go of without its farewell', async () => {
  let sockets = 0
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (data) => {
      const key = /sec-websocket-key: (\S+)/i.exec(String(data))?.[1] ?? ''
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
      socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'))
      sockets += 1
      // From here on it reads and never answers, not even a closing frame.
      socket.on('data', () => undefined)
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  open.push(() => server.close())
  const { port } = server.address() as { readonly port: number }
  const linked = link([`ws://127.0.0.1:${port}`], { canaryMs: 60 })
  await until('it was rebuilt', () => sockets >= 3)
  await until('it is called deaf', () => linked.relays.health()[0]?.state === 'deaf')
  expect(linked.lines.join('')).toContain('No admin relay delivers')
  expect(linked.lines.join('')).not.toContain('delivers again')
})

test('R-137 the voice of the node is matched by its id, live and stored, and never handed on', async () => {
  const one = relay()
  const linked = link([one.url], { canaryMs: 40 })
  await until('both came back', () => {
    const [health] = linked.relays.health()
    return health?.echoMs !== undefined && health.durableEchoMs !== undefined
  })
  const [stored] = one.events()
  expect(stored?.kind).toBe(1059)
  linked.relays.catchUp()
  const voices = sent(one, 'EVENT').length
  await until('it goes on', () => sent(one, 'EVENT').length > voices + 2)
  expect(linked.heard).toEqual([])
})

test('R-038 a frame above 131,072 bytes is dropped unread, counted in bytes and not in characters', async () => {
  const one = relay()
  const linked = link([one.url])
  await linked.live()
  one.sendRaw(`["EVENT","inbox",{"content":"${'ä'.repeat(70_000)}"}]`)
  one.sendRaw('["EVENT","inbox",{"content":"small"}]')
  await until('the small one came', () => linked.heard.length === 1)
  expect(linked.relays.health()[0]?.oversized).toBe(1)
})

atNight(
  'R-136 ten thousand events leave nothing behind, and an unanswered queue stays within its bound',
  async () => {
    const one = relay()
    const linked = link([one.url], { waits: { publishMs: 500 } })
    await linked.live()
    one.setFault(() => 'drop')
    const events = Array.from({ length: 230 }, () => linked.wrap('live'))
    const outcomes = events.map((event) => linked.relays.publish(event))
    const words = (await Promise.all(outcomes)).map((outcome) => outcome.get(one.url)?.is)
    expect(words.filter((word) => word === 'dropped')).toHaveLength(30)
    expect(words.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => 'dropped'))
    Bun.gc(true)
    const before = process.memoryUsage().heapUsed
    const big = JSON.stringify(['EVENT', 'other', { content: 'x'.repeat(10_000) }])
    // In portions: a socket that is written to faster than it is read drops frames.
    for (let portion = 1; portion <= 200; portion += 1) {
      for (let n = 0; n < 50; n += 1) one.sendRaw(big)
      one.sendRaw('["EVENT","inbox",{"content":"end of a portion"}]')
      await until('a portion came', () => linked.heard.length === portion)
    }
    Bun.gc(true)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5 * 1024 * 1024)
  },
  60_000,
)

test('R-129 an onion is reached by the tunnel alone, and refused without a socket when there is none', async () => {
  const one = relay()
  const asked: string[] = []
  const tunnel = createServer((socket) => {
    socket.once('data', (data) => {
      asked.push(String(data).split('\r\n')[0] ?? '')
      const target = new URL(one.url.replace('ws:', 'http:'))
      void Bun.connect({
        hostname: target.hostname,
        port: Number(target.port),
        socket: {
          open(upstream) {
            socket.write('HTTP/1.1 200 OK\r\n\r\n')
            socket.on('data', (chunk: Buffer) => upstream.write(chunk))
          },
          data: (_, chunk) => void socket.write(chunk),
          close: () => void socket.destroy(),
        },
      })
    })
    socket.on('error', () => undefined)
  })
  await new Promise<void>((ready) => tunnel.listen(0, '127.0.0.1', ready))
  open.push(() => tunnel.close())
  const { port } = tunnel.address() as { readonly port: number }
  const onion = `ws://${'a'.repeat(56)}.onion`
  const linked = link([onion], { routeTo: async () => ({ proxy: `http://127.0.0.1:${port}` }) })
  await linked.live()
  expect(asked).toEqual([`CONNECT ${'a'.repeat(56)}.onion:80 HTTP/1.1`])
  const event = linked.wrap()
  expect(await outcomeOf(linked, event)).toEqual({ is: 'ok' })
  const refused = link([onion], { routeTo: async () => ({ refused: 'an onion relay needs network.torTunnel' }) })
  await until('it says why', () => refused.relays.health()[0]?.lastNotice !== undefined)
  expect(asked).toHaveLength(1)
})

test('R-140 a process with a closed link ends by itself', async () => {
  const one = relay()
  const program = `
    import { openLink } from './test/kit/link'
    const linked = openLink([${JSON.stringify(one.url)}, 'ws://127.0.0.1:9'], { canaryMs: 50 })
    await linked.live()
    void linked.relays.publish(linked.wrap())
    linked.relays.close()`
  const child = Bun.spawn([process.execPath, '-e', program], {
    cwd: `${import.meta.dir}/../..`,
    stdout: 'ignore',
    stderr: 'pipe',
  })
  open.push(() => child.kill())
  expect([await child.exited, await new Response(child.stderr).text()]).toEqual([0, ''])
}, 20_000)
