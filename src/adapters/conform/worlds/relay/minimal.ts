// A relay on the `minimal` preset [spec/presets/minimal.json] in a finite world, for exhaustive search.
// Invariant: an answer comes only where an effect asked for it, a timer fires only where it was started.
import type { Map as PersistentMap } from 'immutable'
import type { LeafId } from '../../../../machines/ct/types.ts'
import type { Model } from '../../../../machines/kernel/explore.ts'
import type { Step } from '../../../../machines/kernel/machine.ts'
import { step } from '../../../../machines/kernel/step.ts'
import { initialEffects, initialRelay } from '../../../../machines/relay/initial.ts'
import { relayMachine } from '../../../../machines/relay/machine.ts'
import { type ProfileName, profiles } from '../../../../machines/relay/profiles.ts'
import type {
  Challenged,
  Policy,
  RelayConfig,
  RelayContext,
  RelayEffect,
  RelayEvent,
  Round,
} from '../../../../machines/relay/types.ts'
import { minimalChoices } from './minimal-choices.ts'
import { relayLiveness } from './minimal-liveness.ts'
import { minimalRules } from './minimal-rules.ts'
import type { RelayNode, RelayWorld, Scene } from './minimal-scene.ts'

/** As the preset's file, which a test holds it to. */
export const minimalRelay: Omit<RelayConfig, 'policy'> = {
  self: '0'.repeat(64),
  family: [],
  n: 2,
  k: 1,
  waitMs: 10,
  roundDeadlineMs: 5,
  bucketCapacity: 2,
  proofCapacity: 2,
  proofLifetimeMs: 20,
  forwardMemoryMs: 20,
  forwardMemoryCapacity: 2,
  variantsPerLeaf: 2,
  addressCapacity: 2,
  addressLifetimeMs: 20,
  holdLimitMs: 30,
  reportCapacity: 1,
  sthsPerLog: 3,
  pairsPerFetch: 2,
}

export type RelayModel = Model<RelayContext, RelayEvent, RelayEffect, RelayWorld>

/** `policy`: what differs from the profile. */
export function relayModel(scene: Scene, profile: ProfileName, policy: Partial<Policy> = {}): RelayModel {
  const changed = { ...scene.config, policy: { ...profiles[profile], ...policy } }
  const config: RelayConfig = { ...minimalRelay, ...changed }
  const flipped = Object.entries(policy).map(([name, value]) => `, ${name} ${value}`)
  const asleep: RelayWorld = { now: 0, waiting: false, deadline: false, step: null, reports: [] }
  return {
    kind: 'relay',
    id: `relay ${profile}${flipped.join('')}: ${scene.name}`,
    machine: relayMachine,
    take: (state, event) => step(relayMachine, state, event),
    roots: [{ config: changed, state: initialRelay(config), world: initialEffects(config).reduce(hearEffect, asleep) }],
    choices: (state, world) => minimalChoices(scene, state, world),
    hear: (world, event, taken) => taken.effects.reduce(hearEffect, settled(world, event, taken)),
    essence,
    invariants: minimalRules,
    liveness: relayLiveness(scene),
  }
}

function settled(world: RelayWorld, event: RelayEvent, { disposition }: Step<RelayContext, RelayEffect>): RelayWorld {
  if (event.type === 'reported') return { ...world, reports: world.reports.filter((sfoId) => sfoId !== event.sfoId) }
  return event.type === 'waited' && disposition === 'accepted' ? { ...world, waiting: false } : world
}

function hearEffect(world: RelayWorld, effect: RelayEffect): RelayWorld {
  switch (effect.type) {
    case 'startWait':
      return { ...world, waiting: true }
    case 'startDeadline':
      return { ...world, deadline: true }
    case 'endRound':
      return { ...world, deadline: false, step: null }
    case 'connect':
    case 'challenge':
    case 'fetch':
    case 'forward':
    case 'announce':
      return { ...world, step: effect.type }
    case 'forgetProofs':
      return world.step === null ? world : { ...world, step: 'rotate' }
    case 'emptyBuckets':
      return world.step === null ? world : { ...world, step: 'empty' }
    case 'report':
      return { ...world, reports: [...world.reports, effect.sfoId].sort() }
    default:
      return world
  }
}

/** Nothing reads the counters, nor when a round started; round numbers need to differ, and of outcomes only `proven` decides. */
function essence({ value, context }: RelayNode['state']): unknown {
  const { config: _, counters: __, roundNumber, round, ...rest } = context
  return [value, ...Object.values(rest), round === null ? null : essenceOfRound(round, roundNumber)]
}

function essenceOfRound(round: Round, roundNumber: number): unknown {
  const { number, startedAt: _, answered, ...rest } = round
  return [number - roundNumber, provenOrNot(answered), ...Object.values(rest)]
}

const decided = new WeakMap<object, unknown>()

function provenOrNot(answered: PersistentMap<LeafId, Challenged>): unknown {
  const known = decided.get(answered)
  if (known !== undefined) return known
  const decision = answered.map(({ outcome, breakerOpen }) => `${outcome === 'proven'} ${breakerOpen}`)
  decided.set(answered, decision)
  return decision
}
