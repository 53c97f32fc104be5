/** `secp256k1` 5.0.2 ships no types; the part that is used is typed where it is loaded. */
declare module 'secp256k1'
