// The SFOs that most L0 vectors begin with: one for each kind of log key and entry.
// Invariant: each one is valid; what is wrong with others is said where they are made.
import { type LogKey, type Made, makeSfo } from './certificates.ts'
import { p256Key, rsaKey } from './keys.ts'

export const now = 1_700_000_060_000
export const timestamp = 1_700_000_000_000

export const ecdsaLog: LogKey = { key: p256Key('vectors: log'), signatureAlgorithm: 3 }
export const otherLog: LogKey = { key: p256Key('vectors: other log'), signatureAlgorithm: 3 }
export const rsaLog: LogKey = { key: rsaKey('vectors: RSA log'), signatureAlgorithm: 1 }

/** The SCT came in the handshake: an x509_entry. */
export const ecdsaSfo: Made = makeSfo({ log: ecdsaLog, timestamp, embedded: false })
export const rsaSfo: Made = makeSfo({ log: rsaLog, timestamp, embedded: false, name: 'rsa.test' })
/** The SCT is in the leaf: a precert_entry. */
export const embeddedSfo: Made = makeSfo({ log: ecdsaLog, timestamp, embedded: true, name: 'embedded.test' })
