/** Which hosts the operator may name (wallet 14.1, P-33). */
import { expect, test } from 'bun:test'
import { checkOperatorUrl } from '../../core/address'

const http = ['http:', 'https:']

test.each([
  'http://127.0.0.1:8080',
  'http://[::1]:8080',
  'http://10.1.2.3',
  'http://192.168.1.20:11434',
  'http://172.20.0.2',
  'http://100.64.0.1',
  'http://[fd12:3456::1]',
  'http://localhost:11434',
  'https://127.0.0.1',
  'http://2130706433',
])('C-165 P-33 %s is private: allowed, with the badge', async (url) => {
  expect(await checkOperatorUrl(url, http)).toEqual({ privateAddress: true })
})

test.each([
  'http://169.254.169.254/latest',
  'https://169.254.169.254',
  'http://2852039166',
  'http://0xa9fea9fe',
  'http://0251.0376.0251.0376',
  'http://169.254.169.254.',
  'http://[::ffff:169.254.169.254]',
  'http://[::ffff:a9fe:a9fe]',
  'http://[::a9fe:a9fe]',
  'http://[64:ff9b::a9fe:a9fe]',
  'http://[2002:a9fe:a9fe::1]',
  'http://[fe80::1]',
  'http://[fd00:ec2::254]',
  'http://100.100.100.200',
  'http://metadata.google.internal',
  'http://0.0.0.0',
  'http://[::]',
  'http://224.0.0.1',
  'http://[ff02::1]',
])('C-165 P-33 %s is never contacted', async (url) => {
  expect(await checkOperatorUrl(url, http)).toMatchObject({ refused: 'address-not-allowed' })
})

test('P-33 plain http goes only to private and onion hosts, and no URL carries credentials', async () => {
  expect(await checkOperatorUrl('http://8.8.8.8', http)).toMatchObject({ refused: 'address-not-allowed' })
  expect(await checkOperatorUrl('https://8.8.8.8', http)).toEqual({ privateAddress: false })
  expect(await checkOperatorUrl(`http://${'a'.repeat(56)}.onion`, http)).toEqual({ privateAddress: false })
  expect(await checkOperatorUrl('https://user:pass@8.8.8.8', http)).toMatchObject({ refused: 'address-not-allowed' })
  expect(await checkOperatorUrl('ftp://10.0.0.1', http)).toMatchObject({ refused: 'address-not-allowed' })
})
