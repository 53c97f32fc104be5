/** Both back ends of the curve compute the same, and the node works on either (wallet 11, 19.10). */
import { expect, test } from 'bun:test'
import { createBlindSignature, createDLEQProof, pointFromHex } from '@cashu/cashu-ts'
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { makeWords, walletSeed } from '../../core/keys'
import { type Curve, chooseCurve } from '../../core/money/curve'
import { pureCurve } from '../../core/money/mint-client'
import { createVault } from '../../core/money/vault'
import { createWallet } from '../../core/wallet'

const random = () => crypto.getRandomValues(new Uint8Array(32))
const bytesOf = (point: { readonly toBytes: (compressed: boolean) => Uint8Array }) => point.toBytes(true)

test('wallet 11 the native curve is taken where it is installed, and only because it proved itself', async () => {
  const chosen = await chooseCurve(pureCurve)
  if (chosen.name === 'secp256k1') expect(chosen.why).toMatch(/^\d+\.\d times faster$/)
  else expect(chosen.why).toMatch(/not installed|not faster/)
})

test('wallet 11 a back end that computes something else is not taken, nor one that is not faster', async () => {
  const { name } = await chooseCurve(pureCurve)
  if (name === 'noble') return
  // Seen from a pure side that differs in one byte, the native one is what computes something else.
  const off: Curve = { ...pureCurve, unblind: (...args) => pureCurve.unblind(...args).with(32, 0) }
  expect(await chooseCurve(off)).toMatchObject({ name: 'noble', why: 'secp256k1 computes something else' })
  const blind: Curve = { ...pureCurve, verifyDleq: () => true }
  expect(await chooseCurve(blind)).toMatchObject({ name: 'noble', why: 'secp256k1 computes something else' })
})

test('wallet 11 forced, the pure curve is taken: by night every wallet of the kit runs on it', async () => {
  const { curve, name, why } = await chooseCurve(pureCurve, { forcePure: true })
  expect([name, why, curve === pureCurve]).toEqual(['noble', 'forced', true])
})

test('wallet 11 19.10 both back ends are equal byte for byte, on true proofs and on false ones', async () => {
  const chosen = await chooseCurve(pureCurve)
  for (let n = 0; n < 20; n += 1) {
    const [secret, r, key] = [utf8ToBytes(`secret ${n}`), random(), random()]
    const [a, b] = [chosen.curve.blind(secret, r), pureCurve.blind(secret, r)]
    expect([a, chosen.curve.hashToCurve(secret)]).toEqual([b, pureCurve.hashToCurve(secret)])
    const blinded = pointFromHex(Buffer.from(a).toString('hex'))
    const { e, s } = createDLEQProof(blinded, key)
    const signed = bytesOf(createBlindSignature(blinded, key, '00'.repeat(8)).C_)
    const mintKey = bytesOf(
      pointFromHex('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798').multiply(
        BigInt(`0x${Buffer.from(key).toString('hex')}`),
      ),
    )
    expect(chosen.curve.unblind(signed, r, mintKey)).toEqual(pureCurve.unblind(signed, r, mintKey))
    for (const proof of [
      { e, s },
      { e: s, s: e },
      { e: e.with(0, (e[0] ?? 0) ^ 1), s },
    ]) {
      const isTrue = proof.e === e && proof.s === s
      for (const one of [chosen.curve, pureCurve]) expect(one.verifyDleq(proof, a, signed, mintKey)).toBe(isTrue)
    }
    for (const one of [chosen.curve, pureCurve])
      expect(one.verifyDleq({ e, s }, a, signed, hexToBytes('02'.repeat(33)))).toBe(false)
  }
})

test('wallet 12.1 the same words give the same outputs on either back end, for both kinds of keyset ids', async () => {
  const seed = walletSeed(makeWords())
  const { curve } = await chooseCurve(pureCurve)
  const wallets = [curve, pureCurve].map((one) => createWallet(seed, one, createVault(random())))
  for (const keysetId of [`00${'a1'.repeat(7)}`, `01${'b2'.repeat(32)}`])
    for (const counter of [0, 1, 299, 100_000]) {
      const [a, b] = wallets.map((wallet) => wallet.derive(keysetId, counter, 8))
      expect(a?.B_).toBe(b?.B_ ?? '')
      expect(wallets[0]?.yOf(a?.secret ?? '')).toBe(wallets[1]?.yOf(b?.secret ?? '') ?? '')
    }
})
