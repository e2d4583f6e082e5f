// Version 3 onion addresses [rend-spec-v3 6, WIRE-007]: base32(key | checksum | 03) and ".onion".
// Invariant: every key has one canonical address, and `decodeOnionAddress` answers only keys whose checksum and version fit.
import { sha3_256 } from '@noble/hashes/sha3.js'
import { concat, utf8 } from '../ct/bytes.ts'

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const suffix = '.onion'
const version = new Uint8Array([3])
const checksumPrefix = utf8('.onion checksum')

/** `key`: the service's Ed25519 identity, 32 bytes. 62 characters in lower case. */
export function encodeOnionAddress(key: Uint8Array): string {
  return base32(concat(key, checksumOf(key), version)) + suffix
}

/** The service's key, or null. Letters in either case, as in any host name; nothing before or after the address. */
export function decodeOnionAddress(text: string): Uint8Array | null {
  // A to Z alone: `toLowerCase` makes a k of the Kelvin sign, too.
  const address = text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
  const key = keyIn(address)
  return encodeOnionAddress(key) === address ? key : null
}

function checksumOf(key: Uint8Array): Uint8Array {
  return sha3_256(concat(checksumPrefix, key, version)).subarray(0, 2)
}

/** Whole groups of 5 bytes as 8 digits each [RFC 4648 6]; 35 bytes need no padding. */
function base32(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 5) {
    let group = 0
    for (const byte of bytes.subarray(at, at + 5)) group = group * 256 + byte
    for (let digit = 7; digit >= 0; digit--) text += alphabet[Math.floor(group / 32 ** digit) % 32]
  }
  return text
}

/** An address's key; of any other text some key whose address it is not. */
function keyIn(address: string): Uint8Array {
  return new Uint8Array(32).map((_, at) => {
    const digits = Math.floor(at / 5) * 8
    let group = 0
    for (const letter of address.slice(digits, digits + 8)) group = group * 32 + alphabet.indexOf(letter)
    return Math.floor(group / 256 ** (4 - (at % 5)))
  })
}
