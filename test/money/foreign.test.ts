/** Hosts that a client names: which addresses are public, and how they are reached (wallet 14.2, 14.3). */
import { expect, test } from 'bun:test'
import { createAskForeign, isPublicUnicast } from '../../core/foreign'
import { readDestination } from '../../core/money/pay-request'

test('P-33 wallet 14.2 only public unicast addresses are contacted, in no disguise of a private one', () => {
  for (const address of ['8.8.8.8', '93.184.216.34', '2606:4700::1', '2a00:1450:4001::200e'])
    expect([address, isPublicUnicast(address)]).toEqual([address, true])
  for (const address of [
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.31.0.1', '192.168.1.1', '198.18.0.1'],
    ...['192.0.2.1', '198.51.100.7', '203.0.113.9', '224.0.0.1', '255.255.255.255', '192.0.0.8'],
    ...['::', '::1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '2001:db8::1', '2001::1'],
    ...['::ffff:8.8.8.8', '::ffff:127.0.0.1', '64:ff9b::808:808', '2002:808:808::1', '3fff::1', 'no address'],
  ])
    expect([address, isPublicUnicast(address)]).toEqual([address, false])
})

test('wallet 14.3 the forms of a destination', () => {
  const url = 'https://wallet.example/.well-known/lnurlp/me'
  expect(readDestination('Me@Wallet.example')).toMatchObject({ is: 'pay-request', url })
  expect(readDestination('lightning:me@wallet.example')).toMatchObject({ url })
  expect(readDestination('lnurlp://wallet.example/p/1')).toMatchObject({ url: 'https://wallet.example/p/1' })
  expect(readDestination('me@abc.onion')).toMatchObject({ url: 'http://abc.onion/.well-known/lnurlp/me' })
  // LUD-01's own example.
  const lud01 =
    'LNURL1DP68GURN8GHJ7UM9WFMXJCM99E3K7MF0V9CXJ0M385EKVCENXC6R2C35XVUKXEFCV5MKVV34X5EKZD3EV56NYD3HXQURZEPEXEJXXEPNXSCRVWFNV9NXZCN9XQ6XYEFHVGCXXCMYXYMNSERXFQ5FNS'
  expect(readDestination(lud01)).toMatchObject({ domain: 'service.com' })
  for (const text of [
    '',
    'me',
    'http://wallet.example/x',
    'https://u:p@wallet.example/',
    'lnurl1qqqq',
    'a b@c.example',
  ])
    expect([text, readDestination(text)]).toEqual([text, undefined])
})

test('wallet 14.2 the connection goes to the checked address, by https on its usual port, with no credentials', async () => {
  const asked: string[] = []
  const ask = createAskForeign({
    resolve: async () => ['93.184.216.34'],
    dial: async ({ address, host, path }) => {
      asked.push(`${address} ${host}${path}`)
      return Response.json({ ok: true })
    },
    tunnel: () => '',
  })
  expect(await ask('https://pay.example/x?y=1')).toEqual({ json: { ok: true } })
  expect(asked).toEqual(['93.184.216.34 pay.example/x?y=1'])
  for (const url of [
    'http://pay.example/',
    'https://pay.example:8443/',
    'https://u@pay.example/',
    'ftp://pay.example/',
  ])
    expect(await ask(url)).toHaveProperty('refused')
  expect(await ask('http://abc.onion/')).toEqual({ refused: 'an onion host needs network.torTunnel' })
  expect(asked).toHaveLength(1)
})
