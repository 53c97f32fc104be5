/** The wallet's hands for the deposit process: codec, derivation and seals, bound to one seed and one curve. */
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { WalletSeed } from './keys'
import type { Curve } from './money/curve'
import { createDerivation } from './money/derivation'
import { decodeToken, encodeToken, isLockedWithoutWitness, readTokenHead, unblind } from './money/mint-client'
import { normaliseMintUrl } from './money/mint-url'
import type { Vault } from './money/vault'
import type { Wallet } from './processes/deposit-types'

export function createWallet({ seed, seedId }: WalletSeed, curve: Curve, vault: Vault): Wallet {
  return {
    seedId,
    readTokenHead,
    decodeToken,
    normaliseMintUrl,
    isLockedWithoutWitness,
    encodeToken,
    yOf: (secret) => bytesToHex(curve.hashToCurve(utf8ToBytes(secret))),
    derive: createDerivation(seed, curve),
    unblind: (output, signature, keyset) => unblind(curve, output, signature, keyset.keys),
    seal: (ref, secret) => ({ ref, bytes: vault.seal(ref, utf8ToBytes(secret)) }),
    open(ref, bytes) {
      const secret = vault.open(ref, bytes)
      return secret === undefined ? undefined : new TextDecoder().decode(secret)
    },
  }
}
