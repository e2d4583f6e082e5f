// Relay configurations and command sequences over a world so small that everything in it collides: few leafs, tiny capacities.
import fc from 'fast-check'
import { type Outcome, outcomes } from '../../../src/machines/ct/types.ts'
import { hardenedPolicy, relayDefaults, seedPolicy } from '../../../src/machines/relay/profiles.ts'
import { type Policy, type RelayConfig, steps } from '../../../src/machines/relay/types.ts'

export const policies: fc.Arbitrary<Policy> = fc.oneof(
  fc.constantFrom(seedPolicy, hardenedPolicy),
  fc.record({
    bucketing: fc.constantFrom('coin', 'choose'),
    whileActive: fc.constantFrom('drop', 'defer'),
    referenceSth: fc.constantFrom('latest', 'first-due'),
    notDue: fc.constantFrom('challenge', 'hold'),
    order: fc.constantFrom('challenge-first', 'forward-first'),
    forwardHops: fc.constantFrom('unbounded', 'one'),
    reporting: fc.constantFrom('never', 'auditor'),
    bucketFull: fc.constantFrom('end-wait', 'evict'),
  }),
)

const upTo = (max: number, min = 1) => fc.integer({ min, max })

export const configs: fc.Arbitrary<RelayConfig> = fc
  .record({
    policy: policies,
    n: upTo(4),
    k: upTo(4),
    bucketCapacity: upTo(4),
    proofCapacity: upTo(5),
    proofLifetimeMs: upTo(100, 0),
    forwardMemoryMs: upTo(100, 0),
    forwardMemoryCapacity: upTo(3),
    variantsPerLeaf: upTo(2),
    addressCapacity: upTo(3),
    addressLifetimeMs: upTo(50, 0),
    holdLimitMs: upTo(60, 0),
    reportCapacity: upTo(3, 0),
    sthsPerLog: upTo(4),
    pairsPerFetch: upTo(4, 0),
  })
  .map((some) => ({ ...relayDefaults, self: 'ctr0', family: ['ctr1'], ...some, k: Math.min(some.k, some.n) }))

/** What the world does next; `relay-environment.ts` makes an event of it. Numbers pick among what there is. */
export type Command = { readonly wait: number; readonly seed: number; readonly fewDraws: boolean } & (
  | {
      readonly do: 'consensus'
      readonly age: number
      readonly logs: number
      readonly ctrs: number
      readonly auditors: number
      readonly sthLag: number
    }
  | {
      readonly do: 'sfo'
      readonly leaf: number
      readonly variant: number
      readonly hops: number
      readonly sctAge: number
    }
  | { readonly do: 'invalidSfo' | 'proofsRequested' | 'waited' }
  | { readonly do: 'address'; readonly pick: number }
  | { readonly do: 'deadline'; readonly stale: boolean }
  | {
      readonly do: 'challenged'
      readonly pick: number
      readonly outcome: Outcome
      readonly twist: Twist
      readonly breakerOpen: boolean
    }
  | { readonly do: 'pair'; readonly leaf: number; readonly verified: boolean; readonly stale: boolean }
  | { readonly do: 'delivered'; readonly pick: number; readonly ok: boolean; readonly twist: Twist }
  | { readonly do: 'stepDone'; readonly twist: Twist; readonly other: (typeof steps)[number] }
  /** Whatever is awaited: an answer while one is outstanding, else the end of the step. */
  | {
      readonly do: 'go'
      readonly pick: number
      readonly outcome: Outcome
      readonly breakerOpen: boolean
      readonly ok: boolean
    }
  | { readonly do: 'reported'; readonly pick: number; readonly ok: boolean; readonly twist: Twist }
)

/** `none`: the answer that is expected. `stale`: of another round. `unasked`: about something nobody asked. */
export type Twist = 'none' | 'stale' | 'unasked' | 'badPair'

const twist: fc.Arbitrary<Twist> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Twist>('none') },
  { weight: 1, arbitrary: fc.constantFrom<Twist>('stale', 'unasked', 'badPair') },
)
const some = fc.nat({ max: 9 })
const common = {
  wait: fc.oneof(fc.constant(0), fc.nat({ max: 40 })),
  seed: fc.nat({ max: 2 ** 32 - 1 }),
  fewDraws: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
}

function command<T extends object>(weight: number, fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) {
  return { weight, arbitrary: fc.record({ ...common, ...fields }) as unknown as fc.Arbitrary<Command> }
}

const outcome = fc.oneof(fc.constant<Outcome>('proven'), fc.constantFrom<Outcome>(...outcomes))
const mostly = (usual: number, others: fc.Arbitrary<number>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others })
const breakerOpen = fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) })

const consensus = command(3, {
  do: fc.constant('consensus'),
  age: mostly(1, fc.integer({ min: -1, max: 5 })),
  logs: mostly(3, fc.nat({ max: 3 })),
  ctrs: mostly(6, fc.nat({ max: 6 })),
  auditors: mostly(2, fc.nat({ max: 2 })),
  sthLag: fc.nat({ max: 30 }),
})

const sfo = command(10, {
  do: fc.constant('sfo'),
  leaf: fc.nat({ max: 5 }),
  variant: fc.nat({ max: 2 }),
  hops: mostly(0, fc.constant(1)),
  sctAge: fc.integer({ min: -5, max: 90 }),
})

const anything = fc.oneof(
  consensus,
  sfo,
  command(1, { do: fc.constant('invalidSfo') }),
  command(2, { do: fc.constant('proofsRequested'), fewDraws: fc.boolean() }),
  command(5, { do: fc.constant('waited') }),
  command(2, { do: fc.constant('address'), pick: some }),
  command(1, { do: fc.constant('deadline'), stale: fc.boolean() }),
  command(2, { do: fc.constant('challenged'), pick: some, outcome, twist, breakerOpen }),
  command(2, { do: fc.constant('pair'), leaf: fc.nat({ max: 5 }), verified: fc.boolean(), stale: fc.boolean() }),
  command(2, { do: fc.constant('delivered'), pick: some, ok: fc.boolean(), twist }),
  command(20, { do: fc.constant('go'), pick: some, outcome, breakerOpen, ok: fc.boolean() }),
  command(2, { do: fc.constant('stepDone'), twist, other: fc.constantFrom(...steps) }),
  command(3, { do: fc.constant('reported'), pick: some, ok: fc.boolean(), twist }),
)

/** Most begin with a consensus, since little happens before the first. */
export const commands: fc.Arbitrary<readonly Command[]> = fc
  .tuple(fc.array(consensus.arbitrary, { maxLength: 1 }), fc.array(anything, { maxLength: 150, size: 'max' }))
  .map(([opening, rest]) => [...opening, ...rest])
