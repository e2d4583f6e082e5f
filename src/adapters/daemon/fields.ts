// The kinds of value a configuration has. Invariant: each says in one sentence what it wants, which is the error's text, and in
// another what it is for, which is the help's: neither is written twice.
import { z } from 'zod'

export function integer(min: number, max: number, fallback: number, help: string) {
  const wanted = `an integer from ${min} to ${max}`
  return z.int(wanted).min(min, wanted).max(max, wanted).default(fallback).describe(help)
}

const hour = 3_600_000
const year = 366 * 24 * hour

/** Milliseconds of the protocol, up to a year. */
export function duration(min: number, fallback: number, help: string) {
  return milliseconds(min, year, fallback, help)
}

/** Milliseconds of a connection or a request, up to an hour: Node's socket timers know no more than 24 days. */
export function shortDuration(min: number, fallback: number, help: string) {
  return milliseconds(min, hour, fallback, help)
}

function milliseconds(min: number, max: number, fallback: number, help: string) {
  const wanted = `milliseconds, an integer from ${min} to ${max}`
  return z.int(wanted).min(min, wanted).max(max, wanted).default(fallback).describe(help)
}

export function flag(fallback: boolean, help: string) {
  return z.boolean('true or false').default(fallback).describe(help)
}

export function choice<const T extends readonly [string, ...string[]]>(values: T, help: string) {
  return z.enum(values, `one of ${values.map((value) => `"${value}"`).join(', ')}`).describe(help)
}

/** Relative to the folder of the configuration file. */
export function path(help: string) {
  const wanted = 'a path, relative to this file'
  return z.string(wanted).min(1, wanted).max(4_096, wanted).describe(help)
}

export function url(help: string) {
  return baseUrl(help, 'an http or https URL without a trailing slash', /./)
}

/** Of something that is asked directly: a name would be resolved here, past Tor. */
export function addressUrl(help: string) {
  const address = /^(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[[0-9a-f:.]+\])$/
  return baseUrl(help, 'an http or https URL with an address and no name, without a trailing slash', address)
}

function baseUrl(help: string, wanted: string, hostname: RegExp) {
  return z
    .url({ protocol: /^https?$/, hostname, error: wanted })
    .max(1_024, wanted)
    .regex(/[^/]$/, wanted)
    .describe(help)
}

/** An Ed25519 public key or a SHA-256, 64 lower-case hex digits. */
export function key(help: string) {
  const wanted = '64 lower-case hex digits'
  return z
    .string(wanted)
    .regex(/^[0-9a-f]{64}$/, wanted)
    .describe(help)
}

/** SHA-1 of an RSA key, 40 lower-case hex digits. */
export function fingerprint(help: string) {
  const wanted = '40 lower-case hex digits'
  return z
    .string(wanted)
    .regex(/^[0-9a-f]{40}$/, wanted)
    .describe(help)
}

export function ip(fallback: string, help: string) {
  return z.union([z.ipv4(), z.ipv6()], 'an IPv4 or IPv6 address').default(fallback).describe(help)
}

/** Where something else listens. */
export function tcpPort(help: string) {
  const wanted = 'a TCP port, 1 to 65535'
  return z.int(wanted).min(1, wanted).max(65_535, wanted).describe(help)
}

export function list<T extends z.ZodType>(item: T, min: number, max: number, help: string) {
  const wanted = `a list of ${min} to ${max}`
  return z.array(item, wanted).min(min, wanted).max(max, wanted).describe(help)
}

/** Unknown keys are refused: a misspelt limit would silently be none. */
export function section<T extends z.ZodRawShape>(shape: T, help = '') {
  const known = `one of ${Object.keys(shape).join(', ')}`
  const wanted = (issue: { readonly code?: string }) => (issue.code === 'unrecognized_keys' ? known : 'an object')
  return z.strictObject(shape, { error: wanted }).describe(help)
}

const port = z.int('a TCP port, 0 to 65535').min(0, 'a TCP port, 0 to 65535').max(65_535, 'a TCP port, 0 to 65535')

export function endpoint(fallbackPort: number, help: string) {
  return section(
    {
      host: z
        .union([z.ipv4(), z.ipv6()], 'an IPv4 or IPv6 address of this machine')
        .default('127.0.0.1')
        .describe('address to bind'),
      port: port.default(fallbackPort).describe('TCP port; 0: the kernel chooses'),
    },
    help,
  ).prefault({})
}

/** Bound to loopback: there is no host to configure. */
export function loopbackPort(fallbackPort: number, help: string) {
  return section({ port: port.default(fallbackPort).describe('TCP port; 0: the kernel chooses') }, help).prefault({})
}
