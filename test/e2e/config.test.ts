// The daemons' configuration files: defaults, bounds, and errors that name file, field, what was given and what is wanted.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import type { z } from 'zod'
import { defaultConfig, placeholder } from '../../src/adapters/cli/config-command.ts'
import { auditorSchema, loadAuditorConfig } from '../../src/adapters/daemon/auditor-config.ts'
import { checkConfig, loadConfig } from '../../src/adapters/daemon/config.ts'
import { describeFields } from '../../src/adapters/daemon/describe.ts'
import { loadRelayConfig, relaySchema } from '../../src/adapters/daemon/relay-config.ts'
import { relayConfig } from '../../src/machines/relay/profiles.ts'

const folder = mkdtempSync(join(tmpdir(), 'ctor-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

const authority = 'ab'.repeat(32)
const leastRelay = {
  key: { path: 'relay.key' },
  consensus: { path: 'consensus', authorities: [authority] },
  onion: { kind: 'loopback' },
}
const leastAuditor = {
  key: { path: '/abs/auditor.key' },
  consensus: { path: 'consensus', authorities: [authority] },
  store: { path: 'a.sqlite' },
  alerts: { path: 'alerts.jsonl' },
}

const errorsOf = (schema: z.ZodType) => (given: unknown) => {
  const checked = checkConfig('relay.json', given, schema)
  return checked.ok ? [] : checked.detail.split('\n')
}
const relayErrors = errorsOf(relaySchema as z.ZodType)
const auditorErrors = errorsOf(auditorSchema as z.ZodType)

function file(text: string | object): string {
  const path = join(folder, 'relay.json')
  writeFileSync(path, typeof text === 'string' ? text : JSON.stringify(text))
  return path
}

test('what has no default is enough, and paths are relative to the file', () => {
  const relay = loadRelayConfig(file(leastRelay))
  expect(relay.ok && relay.value).toMatchObject({
    profile: 'hardened',
    n: 8,
    k: 2,
    listen: { host: '127.0.0.1', port: 8180 },
    key: { path: join(folder, 'relay.key') },
    consensus: { path: join(folder, 'consensus') },
  })
  const auditor = loadAuditorConfig(file(leastAuditor))
  expect(auditor.ok && auditor.value).toMatchObject({
    key: { path: '/abs/auditor.key' },
    store: { path: join(folder, 'a.sqlite') },
    alerts: { path: join(folder, 'alerts.jsonl') },
    timing: { graceMs: 86_400_000 },
  })
})

test.each<[string, object, string]>([
  [
    'text for a number',
    { limits: { bucketCapacity: 'many' } },
    'limits.bucketCapacity: given "many", wanted an integer from 1 to 1000000',
  ],
  ['too small', { n: 0 }, 'n: given 0, wanted an integer from 1 to 30'],
  ['too large', { n: 31 }, 'n: given 31, wanted an integer from 1 to 30'],
  ['a fraction', { k: 1.5 }, 'k: given 1.5, wanted an integer from 1 to 30'],
  [
    'two listeners on a port',
    { proofs: { port: 8180 } },
    'proofs.port: given 8180, wanted another port than 8180, which is that of listen',
  ],
  [
    'a port of every address that is also one of loopback',
    { listen: { host: '0.0.0.0', port: 8189 } },
    'operations.port: given nothing, wanted another port than 8189, which is that of listen',
  ],
  ['k above n', { n: 3, k: 4 }, 'k: given 4, wanted at most n, which is 3'],
  [
    'a negative duration',
    { timing: { waitMs: -1 } },
    'timing.waitMs: given -1, wanted milliseconds, an integer from 0 to 31622400000',
  ],
  [
    'a timer beyond Node',
    { http: { bodyMs: 2 ** 31 } },
    'http.bodyMs: given 2147483648, wanted milliseconds, an integer from 100 to 3600000',
  ],
  ['null for a section', { timing: null }, 'timing: given null, wanted an object'],
  ['a list for a section', { limits: [] }, 'limits: given [], wanted an object'],
  ['a misspelt key', { timing: { waitMS: 5 } }, 'timing.waitMS: unknown, wanted one of waitMs, roundDeadlineMs'],
  ['another profile', { profile: 'soft' }, 'profile: given "soft", wanted one of "seed", "hardened"'],
  [
    'another policy',
    { policy: { order: 'x' } },
    'policy.order: given "x", wanted one of "challenge-first", "forward-first"',
  ],
  [
    'a host name',
    { listen: { host: 'localhost' } },
    'listen.host: given "localhost", wanted an IPv4 or IPv6 address of this machine',
  ],
  ['a port', { listen: { port: 65_536 } }, 'listen.port: given 65536, wanted a TCP port, 0 to 65535'],
  ['a host for the operator', { operations: { host: '0.0.0.0' } }, 'operations.host: unknown, wanted one of port'],
  ['no onion', { onion: undefined }, 'onion: given nothing, wanted an object'],
  ['an onion that there is not', { onion: { kind: 'x' } }, 'onion.kind: given "x", wanted one of "loopback", "tor"'],
  [
    'no authority',
    { consensus: { path: 'x', authorities: [] } },
    'consensus.authorities: given [], wanted a list of 1 to 64',
  ],
  [
    'an authority in upper case',
    { consensus: { path: 'x', authorities: [authority, 'AB'.repeat(32)] } },
    `consensus.authorities.1: given "${'AB'.repeat(28)}..., wanted 64 lower-case hex digits`,
  ],
  ['an empty path', { key: { path: '' } }, 'key.path: given "", wanted a path, relative to this file'],
  ['SOCKS without a port', { socks: {} }, 'socks.port: given nothing, wanted a TCP port, 1 to 65535'],
  [
    'more addresses than 64',
    { limits: { addressCapacity: 65 } },
    'limits.addressCapacity: given 65, wanted an integer from 1 to 64',
  ],
])('%s is refused in one exact line [RELAY-009]', (_name, change, line) => {
  const lines = relayErrors({ ...leastRelay, ...change })
  expect(lines.length).toBe(1)
  expect(lines[0]?.startsWith(`relay.json: ${line}`)).toBe(true)
})

const torAuthorities = { authorities: ['cd'.repeat(20)], extension: 'extension' }
const [control, socks] = [{ port: 9051 }, { port: 9050 }]

test.each([
  ['no consensus at all', { consensus: undefined }, 'consensus: given nothing, wanted an object'],
  ['two consensuses', { tor: { ...torAuthorities, directory: 'http://127.0.0.1:9030' } }, 'consensus: given {"path":'],
  ['Tor without a way to it', { consensus: undefined, tor: torAuthorities }, 'tor: given '],
  ['no control port', { consensus: undefined, tor: { ...torAuthorities, cachedCerts: 'x' } }, 'tor: given '],
  ['no certificates', { consensus: undefined, control, tor: torAuthorities }, 'tor: given '],
  [
    'a directory port under a name, which would be resolved here',
    { consensus: undefined, tor: { ...torAuthorities, directory: 'http://tor.example:9030' } },
    'tor.directory: given "http://tor.example:9030", wanted an http or https URL with an address and no name, without a trailing slash',
  ],
])('%s is refused of relay and auditor in one line [CONS-008.1]', (_name, change, line) => {
  for (const lines of [relayErrors({ ...leastRelay, ...change }), auditorErrors({ ...leastAuditor, ...change })]) {
    expect(lines.length).toBe(1)
    expect(lines[0]?.startsWith(`relay.json: ${line}`), lines[0]).toBe(true)
  }
})

test.each([
  ['without both ports of tor', {}],
  ['without its SOCKS port: connections would be direct', { control }],
  ['without its control port', { socks }],
])('an onion service %s is refused of relay and auditor in one line [RELAY-018, RELAY-107]', (_name, change) => {
  const relay = relayErrors({ ...leastRelay, onion: { kind: 'tor' }, ...change })
  expect(relay).toEqual(['relay.json: onion: given {"kind":"tor"}, wanted control and socks beside kind "tor"'])
  const auditor = auditorErrors({ ...leastAuditor, onion: { kind: 'tor' }, ...change })
  expect(auditor).toEqual(['relay.json: onion: given {"kind":"tor"}, wanted control and socks beside it'])
})

test('what goes together is taken: tor with a directory at an address, or control port and certificates; an onion service with both ports', () => {
  const ways = [
    { tor: { ...torAuthorities, directory: 'http://127.0.0.1:9030' } },
    { tor: { ...torAuthorities, directory: 'http://[::1]:9030/cache' } },
    { tor: { ...torAuthorities, cachedCerts: 'cached-certs' } },
  ]
  for (const way of ways) {
    const given = { consensus: undefined, control, socks, onion: { kind: 'tor' }, ...way }
    expect(relayErrors({ ...leastRelay, ...given })).toEqual([])
    expect(auditorErrors({ ...leastAuditor, ...given })).toEqual([])
  }
})

test('every wrong field has a line of its own', () => {
  const lines = relayErrors({ ...leastRelay, n: 'x', http: { burst: 0, x: 1 }, y: 2 })
  expect(lines.map((line) => line.split(': ')[1]).sort()).toEqual(['http.burst', 'http.x', 'n', 'y'])
})

test('what was given is shortened, also where it is enormous', () => {
  const [line] = relayErrors({ ...leastRelay, profile: 'x'.repeat(100_000) })
  expect(line?.length).toBeLessThan(200)
})

test.each([
  [
    'no file',
    () => join(folder, 'none.json'),
    /none\.json: ENOENT: given a file that cannot be read, wanted a JSON file$/,
  ],
  ['a folder', () => folder, /EISDIR: given a file that cannot be read, wanted a JSON file$/],
  ['no JSON', () => file('{"n": 8,}'), /relay\.json: .*: wanted JSON$/],
  ['an empty file', () => file(''), /relay\.json: .*: wanted JSON$/],
  ['a list', () => file('[]'), /^relay\.json: given \[\], wanted an object$/],
  ['a megabyte and more', () => file(`{${' '.repeat(1 << 20)}}`), /given 1048578 characters, wanted at most 1048576$/],
])('%s is an error of one line', (_name, path, pattern) => {
  const loaded = loadConfig(path(), relaySchema)
  expect(loaded).toMatchObject({ ok: false, error: 'badConfig', detail: expect.stringMatching(pattern) })
})

test('the printed default is complete and is accepted once the authorities are put in', () => {
  const schemas: readonly ['relay' | 'auditor', z.ZodType][] = [
    ['relay', relaySchema as z.ZodType],
    ['auditor', auditorSchema as z.ZodType],
  ]
  for (const [daemon, schema] of schemas) {
    const printed = JSON.parse(JSON.stringify(defaultConfig(daemon)))
    const refused = checkConfig(`${daemon}.json`, printed, schema)
    expect(refused).toMatchObject({
      ok: false,
      detail: `${daemon}.json: consensus.authorities.0: given "${placeholder}", wanted 64 lower-case hex digits`,
    })
    printed.consensus.authorities = [authority]
    expect(checkConfig(`${daemon}.json`, printed, schema)).toEqual({ ok: true, value: printed })
  }
})

test('each field is described with its bounds and default, or that it is required', () => {
  for (const schema of [relaySchema, auditorSchema]) {
    const lines = describeFields(schema).split('\n')
    expect(lines.length).toBeGreaterThan(20)
    for (const line of lines) expect(line).toMatch(/^ {2}\S+ {2,}\S.{9,}$/)
  }
  expect(describeFields(relaySchema)).toMatch(
    /\n {2}limits\.bucketCapacity +SFOs a bucket \(1 to 1000000; default 4096\)\n/,
  )
  expect(describeFields(auditorSchema)).toMatch(/\n {2}key\.path +the key file that `ctor keys` made \(required\)\n/)
})

test('the machine accepts whatever the file may say [RELAY-009]', () => {
  let accepted = 0
  const config = fc.record({
    n: fc.integer({ min: -1, max: 32 }),
    k: fc.integer({ min: -1, max: 32 }),
    limits: fc.record({
      bucketCapacity: fc.oneof(fc.integer({ min: 0, max: 1_000_001 }), fc.double()),
      pairsPerFetch: fc.integer({ min: -1, max: 100_001 }),
    }),
    timing: fc.record({ waitMs: fc.integer({ min: -1 }), roundDeadlineMs: fc.integer({ min: 0, max: 10 }) }),
  })
  fc.assert(
    fc.property(config, (given) => {
      const checked = checkConfig('relay.json', { ...leastRelay, ...given }, relaySchema)
      if (!checked.ok) return
      accepted++
      const { n, k, timing, limits } = checked.value
      const { waitMs, roundDeadlineMs } = timing
      const { bucketCapacity, pairsPerFetch } = limits
      const machine = relayConfig({ self: authority, n, k, waitMs, roundDeadlineMs, bucketCapacity, pairsPerFetch })
      expect(machine.ok).toBe(true)
    }),
    { numRuns: 500 },
  )
  expect(accepted).toBeGreaterThan(5)
})
