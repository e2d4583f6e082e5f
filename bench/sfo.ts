// What an SFO costs from JSON to a verified SCT, against the one P-256 verification that it cannot do without; the rest of
// validation beside it. All run interleaved in one process, so that a busy machine slows all: the ratios are what counts.
// `quiet` is the fastest twentieth of the rounds, which a busy machine's other work has spared.
import { createPublicKey, verify } from 'node:crypto'
import { nodeCrypto } from '../src/adapters/node/crypto.ts'
import { entryOf } from '../src/machines/ct/entry.ts'
import { encodeLeaf } from '../src/machines/ct/leaf.ts'
import { decodeSfoBody, encodeSfoBody } from '../src/machines/ct/sfo.ts'
import { sfoIdOf } from '../src/machines/ct/sfo-id.ts'
import type { Sfo } from '../src/machines/ct/types.ts'
import { sctSigned, validateSfo, validator } from '../src/machines/ct/validate.ts'
import { knownEntry, newAuthority, newLog, newSfo } from '../test/properties/arbitraries/ct-certificates.ts'

const rounds = 120
const perRound = 100
/** Of the three certificates together: the mean SFO that the design reckons with. */
const chainBytes = 6 * 1024

/** Prints a line a path; the second and the third are the same path, for a body of this project and for one with white space. */
export function bench(): Promise<void> {
  const crypto = nodeCrypto()
  const log = newLog()
  const timestamp = Date.UTC(2026, 0, 1)
  const options = { log, timestamp, embedded: true, extensions: new Uint8Array([0, 0, 5, 0, 0, 0, 1, 2]) }
  const sfo = newSfo({ ...options, authority: newAuthority(1, 1850), pad: 1450 })
  const body = encodeSfoBody([sfo])
  const size = sfo.chain.reduce((sum, der) => sum + der.length, 0)
  console.log(`chain of ${sfo.chain.length}, ${size} of about ${chainBytes} bytes of DER, ${body.length} of JSON`)

  const key = createPublicKey({ key: Buffer.from(log.log.key, 'base64'), format: 'der', type: 'spki' })
  const leaf = encodeLeaf(knownEntry(crypto, sfo), timestamp, sfo.sct.extensions)
  const spaced = Uint8Array.of(0x20, ...body)
  const decoded = (from = body): Sfo => {
    const list = decodeSfoBody(from, 1)
    const first = list.ok ? list.value[0] : list
    if (!first?.ok) throw new Error('the SFO does not decode')
    return first.value
  }
  const toVerifiedSct = (received: Sfo): boolean => {
    const entry = entryOf(crypto, received)
    const { sct } = received
    return entry.ok && sctSigned(crypto, log.log, sct, encodeLeaf(entry.value, sct.timestamp, sct.extensions))
  }
  const validate = validator(crypto, { cacheSize: 1024 })
  report({
    'P-256 verification alone': () => verify('sha256', leaf, key, sfo.sct.signature),
    'JSON to verified SCT': () => toVerifiedSct(decoded()),
    'JSON with white space to verified SCT': () => toVerifiedSct(decoded(spaced)),
    'JSON to SFO': () => decoded().chain.length === 3,
    'SFO to entry': () => entryOf(crypto, sfo).ok,
    'SFO to sfoId': () => sfoIdOf(crypto, sfo).length === 64,
    'JSON to valid SFO, issuers remembered': () => validate(log.log, decoded(), timestamp).ok,
    'JSON to valid SFO': () => validateSfo(crypto, log.log, decoded(), timestamp).ok,
  })
  return Promise.resolve()
}

function report(paths: Readonly<Record<string, () => boolean>>): void {
  for (const path of Object.values(paths)) for (let i = 0; i < 10; i++) microseconds(path)
  const times = Object.fromEntries(Object.keys(paths).map((name) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, path] of Object.entries(paths)) times[name]?.push(microseconds(path))
  }
  const [bare = []] = Object.values(times)
  console.log(`${'microseconds; rate over the bare verification'.padEnd(46)}  median  ratio   quiet  ratio`)
  for (const [name, samples] of Object.entries(times)) {
    const ratios = samples.map((sample, round) => (bare[round] ?? Number.NaN) / sample)
    const columns = [at(samples, 0.5), at(ratios, 0.5), at(samples, 0.05), at(bare, 0.05) / at(samples, 0.05)]
    console.log(
      name.padEnd(46) + columns.map((value, column) => value.toFixed(column % 2 ? 2 : 1).padStart(8)).join(''),
    )
  }
}

function microseconds(path: () => boolean): number {
  const start = process.hrtime.bigint()
  for (let i = 0; i < perRound; i++) if (!path()) throw new Error('a path of the benchmark failed')
  return Number(process.hrtime.bigint() - start) / 1000 / perRound
}

function at(samples: readonly number[], quantile: number): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length * quantile)] ?? Number.NaN
}

if (import.meta.main) await bench()
