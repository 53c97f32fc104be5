/** A Lightning address that the operator typed may be at home; nothing else that its server names may (wallet 14.1, P-33). */
import { afterAll, expect, test } from 'bun:test'
import { type Foreign, systemForeign } from '../../core/foreign'
import { invoiceFor, readDestination, receiverLimits } from '../../core/money/pay-request'
import { createAsking } from '../../core/typed-host'
import { createReceiver } from '../kit/receiver'

const receiver = createReceiver()
/** Whatever is not asked for as private is a packet to a foreign host, and none may leave. */
const foreignDials: string[] = []
const foreign = (addresses: readonly string[]): Foreign => ({
  ...systemForeign(() => ''),
  resolve: async () => addresses,
  dial: async ({ address }) => {
    foreignDials.push(address)
    return Response.json({})
  },
})
const stops: (() => Promise<void>)[] = [receiver.stop]
afterAll(async () => {
  for (const stop of stops) await stop()
})

const payRequest = (address: string) => {
  const destination = readDestination(address)
  if (destination?.is !== 'pay-request') throw new Error(`${address} is no Lightning address`)
  return destination
}
function serve(answer: (request: Request) => Response) {
  const asked: string[] = []
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      asked.push(`${request.headers.get('host')} ${new URL(request.url).pathname}`)
      return answer(request)
    },
  })
  stops.push(() => server.stop(true))
  return { asked, port: server.port, address: `me@127.0.0.1:${server.port}` }
}
const offer = (callback: string) =>
  Response.json({ tag: 'payRequest', callback, minSendable: 1000, maxSendable: 1e6, metadata: '[]' })
const wanted = { msat: 5000, network: undefined, nowS: Math.floor(Date.now() / 1000) }

test('wallet 14.1 an address at home is paid by its own server, over plain http where it speaks no other', async () => {
  const destination = payRequest(receiver.privateAddress)
  const { askTyped, askForeign } = createAsking(foreign([]))
  expect(await receiverLimits(destination, askTyped(destination.url))).toMatchObject({ minMsat: 1000, isPrivate: true })
  expect(await invoiceFor(destination, wanted, askTyped(destination.url))).toMatchObject({ msat: 5000 })
  const asked = receiver.asked().length
  // A customer's is not: without a packet.
  expect(await invoiceFor(destination, wanted, askForeign)).toMatchObject({ refused: expect.any(String) })
  expect(await invoiceFor({ ...destination, url: 'https://127.0.0.1/x' }, wanted, askForeign)).toMatchObject({
    refused: 'its name points into a private network',
  })
  expect([receiver.asked().length, foreignDials]).toEqual([asked, []])
})

test('P-33 a callback that leaves the host of its entry is foreign: into no private network, on no port of the same one', async () => {
  const other = serve(() => Response.json({ pr: 'never' }))
  for (const callback of [
    `http://127.0.0.1:${other.port}/pay`,
    `https://localhost:${other.port}/pay`,
    'http://169.254.169.254/latest',
    'https://169.254.169.254/latest',
    'https://[::1]/pay',
  ]) {
    const home = serve(() => offer(callback))
    const destination = payRequest(home.address)
    const ask = createAsking(foreign(['127.0.0.1'])).askTyped(destination.url)
    expect([callback, await invoiceFor(destination, wanted, ask)]).toEqual([callback, { refused: expect.any(String) }])
    expect(home.asked.length).toBeGreaterThan(0)
  }
  expect([other.asked, foreignDials]).toEqual([[], []])
})

test('P-33 no redirect is followed, not even within the host', async () => {
  const home = serve(({ url }) =>
    url.endsWith('/elsewhere') ? offer('http://127.0.0.1/pay') : Response.redirect('/elsewhere', 302),
  )
  const destination = payRequest(home.address)
  const ask = createAsking(foreign([])).askTyped(destination.url)
  expect(await receiverLimits(destination, ask)).toMatchObject({ refused: 'its server does not answer' })
  expect(home.asked.filter((one) => one.endsWith('/elsewhere'))).toEqual([])
})

test('P-33 a name is asked for once, dialled at the address that was checked, and refused if one address is not private', async () => {
  const home = serve(() => offer('http://home.example/pay'))
  let resolved = 0
  const turning: Foreign = { ...foreign([]), resolve: async () => [resolved++ === 0 ? '127.0.0.1' : '10.9.9.9'] }
  const destination = payRequest(`me@home.example:${home.port}`)
  expect(await receiverLimits(destination, createAsking(turning).askTyped(destination.url))).toMatchObject({
    minMsat: 1000,
  })
  expect([resolved, home.asked]).toEqual([1, [`home.example:${home.port} /.well-known/lnurlp/me`]])
  for (const addresses of [
    ['127.0.0.1', '169.254.169.254'],
    ['127.0.0.1', '93.184.216.34'],
    ['169.254.169.254'],
    ['100.100.100.200'],
    ['fe80::1'],
    [],
  ]) {
    const { askTyped } = createAsking(foreign(addresses))
    const plain = payRequest('me@home.example')
    expect([addresses, await receiverLimits(plain, askTyped(plain.url))]).toEqual([
      addresses,
      { refused: expect.any(String) },
    ])
  }
  const metadata = payRequest('me@metadata.google.internal')
  const named = createAsking(foreign(['127.0.0.1'])).askTyped(metadata.url)
  expect(await receiverLimits(metadata, named)).toMatchObject({ refused: 'its name points into a private network' })
  expect([home.asked.length, foreignDials]).toEqual([1, []])
})
