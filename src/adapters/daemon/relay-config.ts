// `relay.json` [RELAY-120, RELAY-009]. Invariant: what passes is accepted by the machine's own `checkConfig` as well.
import type { z } from 'zod'
import { relayLimits } from '../../effects/relay/limits.ts'
import type { Result } from '../../machines/ct/types.ts'
import { hardenedPolicy, profiles, relayDefaults } from '../../machines/relay/profiles.ts'
import type { Policy } from '../../machines/relay/types.ts'
import { loadConfig } from './config.ts'
import { choice, duration, endpoint, flag, integer, key, list, path, section } from './fields.ts'
import { checkPorts, checkShared, resolvedShared, shared } from './shared-config.ts'

const policyValues = {
  bucketing: ['coin', 'choose'],
  whileActive: ['drop', 'defer'],
  referenceSth: ['latest', 'first-due'],
  notDue: ['challenge', 'hold'],
  order: ['challenge-first', 'forward-first'],
  forwardHops: ['unbounded', 'one'],
  reporting: ['never', 'auditor'],
  bucketFull: ['end-wait', 'evict'],
} as const satisfies { readonly [K in keyof Policy]: readonly Policy[K][] }

const override = <K extends keyof Policy>(name: K) =>
  choice(
    policyValues[name] as unknown as readonly [Policy[K], ...Policy[K][]],
    `overrides the profile; hardened: ${hardenedPolicy[name]}`,
  ).optional()

const policy = section(
  {
    bucketing: override('bucketing'),
    whileActive: override('whileActive'),
    referenceSth: override('referenceSth'),
    notDue: override('notDue'),
    order: override('order'),
    forwardHops: override('forwardHops'),
    reporting: override('reporting'),
    bucketFull: override('bucketFull'),
  },
  'single policy parameters that differ from the profile',
)

/** Buckets and peers are bits of one 32-bit integer. */
const maxBuckets = 30
const requests = relayLimits(relayDefaults)
const d = relayDefaults

export const relaySchema = section({
  profile: choice(Object.keys(profiles) as ['seed', 'hardened'], 'preset of the eight policy parameters').default(
    'hardened',
  ),
  policy: policy.prefault({}),
  listen: endpoint(8180, 'where SFOs and onion addresses are accepted'),
  proofs: endpoint(8181, 'where the onion service leads to: the proof set'),
  ...shared(8189),
  key: section(
    {
      path: path(
        'the key file that `ctor keys` made: the identity itself, or with `delegation` this daemon',
      ).optional(),
      delegation: path('the file that `ctor relay delegate` made for that key, read again at every use').optional(),
      torKeys: path("instead of a key file: the folder keys of a tor relay's data directory").optional(),
    },
    'by what this relay proves to be a CTR',
  ),
  onion: section(
    {
      kind: choice(
        ['loopback', 'tor'],
        'tor: through `control`; loopback: DEVELOPMENT ONLY, an address that is no onion service',
      ),
      listener: flag(false, 'with tor: publish the SFO listener as an onion service too; its address is printed'),
    },
    'how this relay publishes its proof set',
  ),
  family: list(key('a relay identity'), 0, 1_024, 'identities of relays of the same operator: never sampled').default(
    [],
  ),
  n: integer(1, maxBuckets, d.n, 'number of buckets, and of CTRs sampled a round'),
  k: integer(1, maxBuckets, d.k, 'how many buckets an SFO enters; at most n'),
  timing: section(
    {
      waitMs: duration(0, d.waitMs, 'wait between rounds (step 1)'),
      roundDeadlineMs: duration(1, d.roundDeadlineMs, 'a round ends at the latest then'),
      proofLifetimeMs: duration(0, d.proofLifetimeMs, 'how long a proof is kept (step 8)'),
      forwardMemoryMs: duration(0, d.forwardMemoryMs, 'how long a forwarded leaf is not forwarded again'),
      addressLifetimeMs: duration(0, d.addressLifetimeMs, 'how long an onion address is worth contacting'),
      holdLimitMs: duration(0, d.holdLimitMs, 'how long beyond its due time an SFO is held'),
      challengeMs: duration(1, requests.challengeMs, 'time for one challenge (step 4)'),
      fetchMs: duration(1, requests.fetchMs, 'time to fetch one proof set (step 5)'),
      submitMs: duration(1, requests.submitMs, 'time for one submission to a CTR (step 6)'),
      publishMs: duration(1, requests.publishMs, 'time to publish an onion service (step 7)'),
      reportMs: duration(1, requests.reportMs, 'time for one report to an auditor'),
      reportRetryMs: duration(
        1,
        requests.reportRetry.minDelayMs,
        'wait after a report that failed, at least; up to 20 times that',
      ),
      consensusMs: duration(1, requests.consensusMs, 'time for one consensus poll'),
      consensusRetryMs: duration(1, requests.consensusRetryMs, 'wait after a consensus poll that failed, at least'),
    },
    'durations in milliseconds',
  ).prefault({}),
  limits: section(
    {
      memoryBytes: integer(65_536, 2 ** 40, 256 * 1024 * 1024, 'memory for SFOs'),
      backlog: integer(1, 65_536, requests.backlog, 'submissions that wait for validation, each at most 64 KiB'),
      bucketCapacity: integer(1, 1_000_000, d.bucketCapacity, 'SFOs a bucket'),
      proofCapacity: integer(1, 1_000_000, d.proofCapacity, 'proofs kept'),
      forwardMemoryCapacity: integer(1, 1_000_000, d.forwardMemoryCapacity, 'forwarded leaves remembered'),
      variantsPerLeaf: integer(1, 1_000, d.variantsPerLeaf, 'chain variants of one leaf'),
      addressCapacity: integer(1, 64, d.addressCapacity, 'onion addresses kept'),
      reportCapacity: integer(0, 1_000_000, d.reportCapacity, 'reports that wait for an auditor'),
      sthsPerLog: integer(1, 100_000, d.sthsPerLog, 'tree heads known a log'),
      pairsPerFetch: integer(0, 100_000, d.pairsPerFetch, 'proofs taken from one peer, and served to one'),
    },
    'capacities',
  ).prefault({}),
}).superRefine((config, context) => {
  checkShared(config, context)
  checkPorts({ listen: config.listen, proofs: config.proofs, operations: config.operations }, context)
  const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
  const { path: keyPath, torKeys, delegation } = config.key
  if ((keyPath === undefined) === (torKeys === undefined)) issue('key', 'path or torKeys, one of them')
  if (torKeys !== undefined && delegation !== undefined) issue('key', 'delegation with path alone')
  if (config.onion.kind === 'tor' && (config.control === undefined || config.socks === undefined))
    issue('onion', 'control and socks beside kind "tor"')
  if (config.onion.kind === 'loopback' && config.onion.listener) issue('onion', 'kind "tor" for listener')
  const inRange = [config.n, config.k].every((value) => value >= 1 && value <= maxBuckets)
  if (inRange && config.k > config.n)
    context.addIssue({ code: 'custom', path: ['k'], message: `at most n, which is ${config.n}`, input: config.k })
})

export type RelayDaemonConfig = z.output<typeof relaySchema>
export type RelayDaemonInput = z.input<typeof relaySchema>

/** Paths become absolute: they are relative to the file's folder. */
export function loadRelayConfig(file: string): Result<RelayDaemonConfig, 'badConfig'> {
  const loaded = loadConfig(file, relaySchema)
  if (!loaded.ok) return loaded
  const { config, resolve } = loaded.value
  const { path, delegation, torKeys } = config.key
  const key = { path: path && resolve(path), delegation: delegation && resolve(delegation) }
  return {
    ok: true,
    value: { ...resolvedShared(config, resolve), key: { ...key, torKeys: torKeys && resolve(torKeys) } },
  }
}
