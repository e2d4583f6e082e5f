// Profiles and configuration [RELAY-120, RELAY-009]: a profile is a named preset of the eight policy parameters.
// Invariant: a configuration that `checkConfig` accepts keeps every loop of the machine bounded and every draw exact.
import type { Result } from '../ct/types.ts'
import type { Policy, RelayConfig } from './types.ts'

/** The document as written, with the errata applied. */
export const seedPolicy: Policy = {
  bucketing: 'coin',
  whileActive: 'drop',
  referenceSth: 'latest',
  notDue: 'challenge',
  order: 'challenge-first',
  forwardHops: 'unbounded',
  reporting: 'never',
  bucketFull: 'end-wait',
}

/** The daemon's default. */
export const hardenedPolicy: Policy = {
  bucketing: 'choose',
  whileActive: 'defer',
  referenceSth: 'first-due',
  notDue: 'hold',
  order: 'challenge-first',
  forwardHops: 'one',
  reporting: 'auditor',
  bucketFull: 'evict',
}

export const profiles = { seed: seedPolicy, hardened: hardenedPolicy } as const
export type ProfileName = keyof typeof profiles

const minute = 60_000
const hour = 60 * minute

/** Defaults; at 170 SFOs in 10 minutes of 6 KiB each, and a bucket of 4096, a full relay holds some 100 MB. */
export const relayDefaults: Omit<RelayConfig, 'policy' | 'self' | 'family'> = {
  n: 8,
  k: 2,
  waitMs: 10 * minute,
  roundDeadlineMs: 5 * minute,
  bucketCapacity: 4096,
  proofCapacity: 65_536,
  proofLifetimeMs: 24 * hour,
  forwardMemoryMs: 24 * hour,
  forwardMemoryCapacity: 65_536,
  variantsPerLeaf: 4,
  addressCapacity: 64,
  addressLifetimeMs: hour,
  holdLimitMs: 72 * hour,
  reportCapacity: 1024,
  sthsPerLog: 72,
  pairsPerFetch: 256,
}

/** `self`: this relay's identity; `family`: those that its operator declares. Anything else replaces a default. */
export function relayConfig(
  given: Partial<Omit<RelayConfig, 'policy'>> & { readonly self: string; readonly policy?: Partial<Policy> },
  profile: ProfileName = 'hardened',
): Result<RelayConfig, ConfigError> {
  return checkConfig({
    family: [],
    ...relayDefaults,
    ...given,
    policy: { ...profiles[profile], ...given.policy },
  })
}

export type ConfigError = 'kExceedsN' | 'outOfRange'

/** Above it `floor(draw * m / 2^32)` would no longer be exact. */
const maxCapacity = 2 ** 21
/** Buckets and peers are bits of one 32-bit integer. */
const maxBuckets = 30

/** `kExceedsN` where 1 <= k <= n does not hold, `outOfRange` where a number is no integer within its bounds. */
export function checkConfig(config: RelayConfig): Result<RelayConfig, ConfigError> {
  for (const [name, least, most] of bounds) {
    const value = config[name]
    if (!Number.isSafeInteger(value) || value < least || value > most)
      return { ok: false, error: 'outOfRange', detail: `${name}: given ${value}, wanted ${least} to ${most}` }
  }
  if (config.k > config.n) return { ok: false, error: 'kExceedsN', detail: `k = ${config.k} exceeds n = ${config.n}` }
  return { ok: true, value: config }
}

type Numeric = { [K in keyof RelayConfig]: RelayConfig[K] extends number ? K : never }[keyof RelayConfig]

const year = 366 * 24 * hour

const bounds: readonly (readonly [Numeric, number, number])[] = [
  ['n', 1, maxBuckets],
  ['k', 1, maxBuckets],
  ['waitMs', 0, year],
  ['roundDeadlineMs', 1, year],
  ['bucketCapacity', 1, maxCapacity],
  ['proofCapacity', 1, maxCapacity],
  ['proofLifetimeMs', 0, year],
  ['forwardMemoryMs', 0, year],
  ['forwardMemoryCapacity', 1, maxCapacity],
  ['variantsPerLeaf', 1, maxCapacity],
  ['addressCapacity', 1, maxCapacity],
  ['addressLifetimeMs', 0, year],
  ['holdLimitMs', 0, year],
  ['reportCapacity', 0, maxCapacity],
  ['sthsPerLog', 1, maxCapacity],
  ['pairsPerFetch', 0, maxCapacity],
]
