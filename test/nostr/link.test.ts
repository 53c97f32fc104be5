/** The relay link against relays of every temper, and the test relay against its own rules (remote-admin 11, 15). */
import { afterEach, expect, test } from 'bun:test'
import { finalizeEvent, generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import type { RelayWaits } from '../../core/nostr/outbox'
import { openRelays, type Relays } from '../../core/nostr/relays'
import { makeRumor, type NostrEvent, wrapRumor } from '../../core/nostr/wrap'
import { createTrace } from '../../core/trace'
import { until } from '../kit/node'
import { createTestRelay, type RelayOptions, type TestRelay } from '../kit/relay'
import { atNight } from '../kit/sizes'

const secret = generateSecretKey()
const inbox = { secret, publicKey: getPublicKey(secret) }
const nowS = () => Math.floor(Date.now() / 1000)
const open: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

function relay(options: RelayOptions = {}): TestRelay {
  const made = createTestRelay(options)
  open.push(made.stop)
  return made
}
function link(relays: readonly TestRelay[], canaryMs = 60_000, waits: RelayWaits = {}) {
  const heard: NostrEvent[] = []
  const trace = createTrace({ level: 'error', format: 'json', now: Date.now, write: () => undefined })
  const relayLinks: Relays = openRelays({
    urls: relays.map(({ url }) => url),
    inboxes: () => [inbox],
    routeTo: async () => ({ proxy: undefined }),
    onEvent: (event) => heard.push(event as NostrEvent),
    canaryMs: () => canaryMs,
    now: Date.now,
    trace,
    waits,
  })
  open.push(relayLinks.close)
  return { relays: relayLinks, heard }
}
function wrap(delivery: 'live' | 'durable' = 'durable'): NostrEvent {
  const author = generateSecretKey()
  const rumor = makeRumor({
    author: getPublicKey(author),
    recipient: inbox.publicKey,
    kind: 24_910,
    content: 'x',
    nowS: nowS(),
  })
  return wrapRumor(
    rumor,
    { secret: author, recipient: inbox.publicKey },
    delivery === 'live' ? { is: 'live' } : { is: 'durable', ttlS: 600 },
    nowS(),
  )
}
const live = (one: ReturnType<typeof link>, count = 1) =>
  until('the link is live', () => one.relays.health().filter(({ state }) => state === 'live').length === count)

test.each(['off', 'challenge', 'required', 'lazy'] as const)(
  'R-134 R-061 a relay with AUTH %s delivers what is stored and what is new',
  async (auth) => {
    const one = relay({ auth })
    const before = wrap()
    const writer = new WebSocket(one.url)
    await new Promise((ready) => {
      writer.onopen = ready
    })
    const linked = link([one])
    await live(linked)
    await until(
      'it is subscribed',
      () => one.received.filter(([type]) => type === 'REQ').length >= (auth === 'off' ? 1 : 2),
    )
    one.deliver(before as never)
    await until('it is heard', () => linked.heard.some(({ id }) => id === before.id))
    const outcome = await linked.relays.publish(wrap())
    expect([...outcome.values()]).toEqual([{ is: 'ok' }])
    if (auth !== 'off') expect(linked.relays.health()[0]?.auth).toBe('ok')
    const signed = one.received.filter(([type]) => type === 'AUTH').map(([, event]) => (event as NostrEvent).pubkey)
    expect(new Set(signed)).toEqual(new Set(auth === 'off' ? [] : [inbox.publicKey]))
    writer.close()
  },
)

test('R-134 a relay that refuses our AUTH is marked and not asked in a loop', async () => {
  const one = relay({ auth: 'required', refuseAuth: true })
  const linked = link([one])
  await until('it is refused', () => linked.relays.health()[0]?.auth === 'refused')
  const frames = one.received.length
  await Bun.sleep(50)
  expect(one.received.length - frames).toBeLessThan(3)
})

test('R-135 each relay has its own outcome: ok, refused with reason, silent, gone', async () => {
  const [good, refusing, silent, gone] = [relay(), relay({ refusedKinds: [1059] }), relay(), createTestRelay()]
  silent.setFault(() => 'no-ok')
  const linked = link([good, refusing, silent], 60_000, { publishMs: 2000 })
  await live(linked, 3)
  const outcomes = await linked.relays.publish(wrap())
  expect(outcomes.get(good.url)).toEqual({ is: 'ok' })
  expect(outcomes.get(refusing.url)).toEqual({ is: 'refused', reason: 'blocked: kind 1059' })
  expect(outcomes.get(silent.url)).toEqual({ is: 'timeout' })
  await gone.stop()
  const alone = link([gone], 60_000, { publishMs: 100 })
  expect((await alone.relays.publish(wrap())).get(gone.url)).toEqual({ is: 'offline' })
}, 20_000)

test('R-133 what was not acknowledged goes out again after the relay came back', async () => {
  const one = relay()
  const linked = link([one])
  await live(linked)
  one.setFault(() => 'drop')
  const event = wrap()
  const publishing = linked.relays.publish(event)
  await until('it was sent', () =>
    one.received.some(([type, sent]) => type === 'EVENT' && (sent as NostrEvent).id === event.id),
  )
  one.setFault(undefined)
  one.kick()
  expect([...(await publishing).values()]).toEqual([{ is: 'ok' }])
  expect(one.events().map(({ id }) => id)).toEqual([event.id])
})

test('R-137 a relay that stays open and delivers nothing is deaf within two beats, rebuilt, and live again', async () => {
  const one = relay()
  const linked = link([one], 60)
  await live(linked)
  await until('its own voice came back', () => linked.relays.health()[0]?.echoMs !== undefined)
  one.loseSubscriptions()
  one.setDeaf(true)
  await until('it counts as deaf', () => linked.relays.health()[0]?.state !== 'live')
  const sockets = one.opened()
  one.setDeaf(false)
  await until('it was rebuilt', () => one.opened() > sockets - 1 && linked.relays.health()[0]?.state === 'live')
  const event = wrap('live')
  await until('it hears again', () => {
    one.deliver(event as never)
    return linked.heard.some(({ id }) => id === event.id)
  })
})

atNight(
  'R-131 a backlog above the cap of the relay is read page by page',
  async () => {
    const one = relay({ cap: 500 })
    const writer = link([one])
    await live(writer)
    const events = Array.from({ length: 620 }, () => wrap())
    for (let from = 0; from < events.length; from += 100)
      await Promise.all(events.slice(from, from + 100).map((event) => writer.relays.publish(event)))
    expect(one.events()).toHaveLength(620)
    const reader = link([one])
    await until('all were read', () => new Set(reader.heard.map(({ id }) => id)).size >= 620)
    expect(one.received.some(([type, id]) => type === 'REQ' && id === 'page1')).toBe(true)
  },
  30_000,
)

test('R-140 R-127 closed, the link leaves no socket behind, and with no relay none was opened', async () => {
  const one = relay()
  const linked = link([one])
  await live(linked)
  linked.relays.close()
  await until('the socket is closed', () => one.sockets() === 0)
  const opened = one.opened()
  await Bun.sleep(300)
  expect(one.opened()).toBe(opened)
  expect(link([]).relays.health()).toEqual([])
})

const note = (
  kind: number,
  tags: string[][] = [],
  more: { readonly at?: number; readonly by?: Uint8Array; readonly content?: string } = {},
) => finalizeEvent({ kind, tags, content: more.content ?? 'n', created_at: more.at ?? nowS() }, more.by ?? secret)
async function speak(
  one: TestRelay,
  ...frames: readonly (readonly unknown[])[]
): Promise<readonly (readonly unknown[])[]> {
  const answers: (readonly unknown[])[] = []
  const socket = new WebSocket(one.url)
  await new Promise((ready) => {
    socket.onopen = ready
  })
  socket.onmessage = ({ data }) => answers.push(JSON.parse(String(data)) as unknown[])
  for (const frame of frames) socket.send(JSON.stringify(frame))
  socket.send(JSON.stringify(['REQ', 'end', { ids: ['0'.repeat(64)] }]))
  await until('all was answered', () =>
    answers.some(([type, id]) => (type === 'EOSE' || type === 'CLOSED') && id === 'end'),
  )
  socket.close()
  return answers
}
const ok = (answers: readonly (readonly unknown[])[]) =>
  answers.filter(([type]) => type === 'OK').map(([, , good]) => good)
const ids = (answers: readonly (readonly unknown[])[], id: string) =>
  answers.filter(([type, sub]) => type === 'EVENT' && sub === id).map(([, , event]) => (event as NostrEvent).id)

const rules: readonly [string, () => Promise<unknown>, unknown][] = [
  ['a good event is stored', async () => ok(await speak(relay(), ['EVENT', note(1)])), [true]],
  [
    'a bad signature is refused',
    async () => ok(await speak(relay(), ['EVENT', { ...note(1), sig: '0'.repeat(128) }])),
    [false],
  ],
  [
    'a changed content is refused',
    async () => ok(await speak(relay(), ['EVENT', { ...note(1), content: 'other' }])),
    [false],
  ],
  [
    'an event from the future is refused',
    async () => ok(await speak(relay(), ['EVENT', note(1, [], { at: nowS() + 5000 })])),
    [false],
  ],
  [
    'an old ephemeral one is refused',
    async () => ok(await speak(relay(), ['EVENT', note(21_059, [], { at: nowS() - 100 })])),
    [false],
  ],
  [
    'an expired one is refused',
    async () => ok(await speak(relay(), ['EVENT', note(1, [['expiration', String(nowS() - 1)]])])),
    [false],
  ],
  ['a refused kind is refused', async () => ok(await speak(relay({ refusedKinds: [7] }), ['EVENT', note(7)])), [false]],
  ['a protected one needs its author', async () => ok(await speak(relay(), ['EVENT', note(1, [['-']])])), [false]],
  [
    'nothing is read without AUTH where it is required',
    async () =>
      (await speak(relay({ auth: 'required' }), ['REQ', 'a', {}])).some(
        ([type, id]) => type === 'CLOSED' && id === 'a',
      ),
    true,
  ],
]
test.each(rules)('R-155 the test relay: %s', async (_, run, wanted) => {
  expect(await run()).toEqual(wanted)
})

test('R-155 the test relay: order, limit, since, until, ephemeral, replaceable, addressable, deletion', async () => {
  const one = relay()
  const at = nowS()
  const [a, b, c] = [note(1, [], { at: at - 30 }), note(1, [], { at: at - 20 }), note(1, [], { at: at - 10 })]
  await speak(one, ['EVENT', a], ['EVENT', b], ['EVENT', c], ['EVENT', note(21_059)])
  const answers = await speak(
    one,
    ['REQ', 'all', { kinds: [1, 21_059] }],
    ['REQ', 'two', { limit: 2, kinds: [1] }],
    ['REQ', 'mid', { since: at - 25, until: at - 15 }],
  )
  expect(ids(answers, 'all')).toEqual([c.id, b.id, a.id])
  expect(ids(answers, 'two')).toEqual([c.id, b.id])
  expect(ids(answers, 'mid')).toEqual([b.id])
  const [young, old] = [note(10_050, [], { at }), note(10_050, [], { at: at - 50 })]
  const [first, second] = [note(38_421, [['d', 'x']], { at: at - 5 }), note(38_421, [['d', 'x']], { at })]
  await speak(
    one,
    ['EVENT', young],
    ['EVENT', old],
    ['EVENT', first],
    ['EVENT', second],
    ['EVENT', note(5, [['e', a.id]])],
  )
  const left = await speak(one, ['REQ', 'left', { kinds: [1, 10_050, 38_421] }])
  expect(new Set(ids(left, 'left'))).toEqual(new Set([b.id, c.id, young.id, second.id]))
  const wrapped = wrap()
  await speak(one, ['EVENT', wrapped], ['EVENT', note(5, [['e', wrapped.id]])])
  expect(one.events().some(({ id }) => id === wrapped.id)).toBe(false)
  expect(await (await fetch(one.url.replace('ws', 'http'))).json()).toMatchObject({
    supported_nips: [1, 9, 11, 40, 42, 70],
  })
})
