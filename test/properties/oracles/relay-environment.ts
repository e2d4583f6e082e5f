// The world around one relay, as a model: it remembers what effects asked for and answers it, late, wrong, twice or never.
import type { ProofPair, Sth } from '../../../src/machines/ct/types.ts'
import type { State } from '../../../src/machines/kernel/machine.ts'
import { step } from '../../../src/machines/kernel/step.ts'
import { drawsNeeded } from '../../../src/machines/relay/draws.ts'
import { initialRelay } from '../../../src/machines/relay/initial.ts'
import type { Observed } from '../../../src/machines/relay/invariants.ts'
import { relayMachine } from '../../../src/machines/relay/machine.ts'
import type { RelayConfig, RelayContext, RelayEffect, RelayEvent, StepName } from '../../../src/machines/relay/types.ts'
import { encodeOnionAddress } from '../../../src/machines/tor/onion-address.ts'
import type { Consensus } from '../../../src/machines/tor/types.ts'
import type { Command } from '../arbitraries/relay.ts'

export interface World {
  readonly now: number
  readonly round: number
  /** The step whose answers are awaited. */
  readonly step: StepName
  readonly challenges: readonly { readonly leafId: string; readonly sth: Sth }[]
  readonly deliveries: readonly { readonly ctrId: string; readonly sfoId: string }[]
  readonly reports: readonly string[]
}

export const newWorld: World = { now: 1000, round: 0, step: 'connect', challenges: [], deliveries: [], reports: [] }

export const logIds = ['log0', 'log1', 'log2'] as const
const mmds = [5, 20, 60] as const
export const leafOf = (leaf: number) => `${logIds[leaf % logIds.length]}:leaf${leaf}`
export const sfoIdOf = (leaf: number, variant: number) => (leaf * 16 + variant).toString(16).padStart(8, '0')
export const sthOf = (logId: string, timestamp: number): Sth => ({
  logId,
  timestamp,
  size: timestamp,
  root: `root${timestamp}`,
  signature: '',
})
const addresses = [0, 1, 2, 3, 4, 5].map((i) => encodeOnionAddress(new Uint8Array(32).fill(i)))

/** Runs the commands and shows every step; answers the events, so that they can be replayed. */
export function walk(config: RelayConfig, commands: readonly Command[], see: (observed: Observed) => void = () => {}) {
  let state = initialRelay(config)
  let world = newWorld
  const events: RelayEvent[] = []
  for (const command of commands) {
    world = { ...world, now: world.now + command.wait }
    const event = eventOf(command, world, state)
    const before = state
    const taken = step(relayMachine, state, event)
    state = taken.state
    world = taken.effects.reduce(hear, answered(world, event))
    events.push(event)
    see({ before, event, step: taken })
  }
  return { state, events }
}

function hear(world: World, effect: RelayEffect): World {
  switch (effect.type) {
    case 'startDeadline':
      return { ...world, round: effect.round, challenges: [], deliveries: [] }
    case 'connect':
    case 'fetch':
    case 'announce':
      return { ...world, step: effect.type }
    case 'challenge':
      return { ...world, step: 'challenge', challenges: effect.groups.flatMap(({ challenges }) => challenges) }
    case 'forward': {
      const asked = effect.deliveries.flatMap(({ ctr, sfoIds }) => sfoIds.map((sfoId) => ({ ctrId: ctr.ctrId, sfoId })))
      return { ...world, step: 'forward', deliveries: asked }
    }
    case 'forgetProofs':
      return { ...world, step: 'rotate' }
    case 'emptyBuckets':
      return { ...world, step: 'empty' }
    case 'report':
      return { ...world, reports: [...world.reports, effect.sfoId] }
    default:
      return world
  }
}

function answered(world: World, event: RelayEvent): World {
  if (event.type === 'challenged')
    return { ...world, challenges: world.challenges.filter(({ leafId }) => leafId !== event.leafId) }
  if (event.type === 'reported') return { ...world, reports: world.reports.filter((sfoId) => sfoId !== event.sfoId) }
  if (event.type !== 'delivered') return world
  const { ctrId, sfoId } = event
  return { ...world, deliveries: world.deliveries.filter((one) => one.ctrId !== ctrId || one.sfoId !== sfoId) }
}

/** What a punctual world would answer next. */
function awaited(command: Extract<Command, { do: 'go' }>, world: World): RelayEvent {
  const { now: at, round, step: current, challenges, deliveries } = world
  if (current === 'challenge' && challenges.length > 0)
    return challenged({ ...command, do: 'challenged', twist: 'none' }, world)
  if (current === 'forward' && deliveries.length > 0)
    return delivered({ ...command, do: 'delivered', twist: 'none' }, world)
  if (current === 'fetch' && command.outcome === 'proven')
    return { type: 'pair', at, round, pair: pairOf(leafOf(command.pick % 6), sthOf('log0', at)), verified: command.ok }
  return { type: 'stepDone', at, round, step: current }
}

function eventOf(command: Command, world: World, { context }: State<RelayContext>): RelayEvent {
  const { now: at, round } = world
  const draw = draws(
    command.seed,
    drawsNeeded(context, command.do === 'go' ? 'stepDone' : command.do) - (command.fewDraws ? 1 : 0),
  )
  const stale = { ...world, round: round - 1 }
  switch (command.do) {
    case 'consensus':
      return { type: 'consensus', at, consensus: consensusOf(command, context, at) }
    case 'sfo': {
      const { leaf, variant, hops, sctAge } = command
      const leafId = leafOf(leaf)
      const logId = leafId.slice(0, leafId.indexOf(':'))
      const sfo = { sfoId: sfoIdOf(leaf, variant), leafId, logId, sctTimestamp: at - sctAge, hops }
      return { type: 'sfo', at, sfo, draw }
    }
    case 'invalidSfo':
      return { type: 'invalidSfo', at, error: 'badSct' }
    case 'proofsRequested':
      return { type: 'proofsRequested', at, request: 'r', draw }
    case 'waited':
      return { type: 'waited', at, draw }
    case 'address':
      return { type: 'address', at, address: addresses[command.pick] ?? 'no.onion', draw }
    case 'deadline':
      return { type: 'deadline', at, round: command.stale ? round - 1 : round }
    case 'pair':
      return {
        type: 'pair',
        at,
        round: command.stale ? round - 1 : round,
        pair: pairOf(leafOf(command.leaf), sthOf('log0', at)),
        verified: command.verified,
      }
    case 'challenged':
      return challenged(command, command.twist === 'stale' ? stale : world)
    case 'delivered':
      return delivered(command, command.twist === 'stale' ? stale : world)
    case 'stepDone': {
      const ended = command.twist === 'unasked' ? command.other : world.step
      return { type: 'stepDone', at, round: command.twist === 'stale' ? round - 1 : round, step: ended }
    }
    case 'go':
      return awaited(command, world)
    case 'reported': {
      const sfoId = command.twist === 'none' ? world.reports[command.pick % (world.reports.length || 1)] : undefined
      return { type: 'reported', at, sfoId: sfoId ?? sfoIdOf(command.pick, 0), ok: command.ok }
    }
  }
}

function challenged(
  command: Extract<Command, { do: 'challenged' }>,
  { now: at, round, challenges }: World,
): RelayEvent {
  const { pick, outcome, twist, breakerOpen } = command
  const asked = twist === 'unasked' ? undefined : challenges[pick % (challenges.length || 1)]
  const { leafId, sth } = asked ?? { leafId: leafOf(pick), sth: sthOf('log0', at) }
  const pair = outcome === 'proven' ? pairOf(leafId, twist === 'badPair' ? sthOf('log0', at + 1) : sth) : null
  return { type: 'challenged', at, round, leafId, outcome, pair, breakerOpen }
}

function delivered(command: Extract<Command, { do: 'delivered' }>, { now: at, round, deliveries }: World): RelayEvent {
  const { pick, ok, twist } = command
  const asked = twist === 'unasked' ? undefined : deliveries[pick % (deliveries.length || 1)]
  return { type: 'delivered', at, round, ...(asked ?? { ctrId: `ctr${pick}`, sfoId: sfoIdOf(pick, 0) }), ok }
}

export function pairOf(leafId: string, sth: Sth): ProofPair {
  return { leafId, sth, proof: { leafIndex: 0, path: [] } }
}

function consensusOf(command: Extract<Command, { do: 'consensus' }>, context: RelayContext, at: number): Consensus {
  const listed = logIds.slice(0, command.logs)
  return {
    digest: '',
    validAfter: (context.consensus?.validAfter ?? 0) + command.age,
    freshUntil: at,
    validUntil: at,
    logs: listed.map((logId, i) => ({ logId, key: '', mmd: mmds[i] ?? 0, url: '' })),
    sths: logIds.slice(0, 2).map((logId) => sthOf(logId, at - command.sthLag)),
    ctrs: Array.from({ length: command.ctrs }, (_, i) => ({ ctrId: `ctr${i}`, url: '', family: [] })),
    auditors: Array.from({ length: command.auditors }, (_, i) => ({ auditorId: `auditor${i}`, key: '', url: '' })),
  }
}

/** A linear congruential sequence: draws need to vary, not to be random. */
export function draws(seed: number, count: number): readonly number[] {
  const drawn: number[] = []
  for (let x = seed; drawn.length < count; ) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0
    drawn.push(x)
  }
  return drawn
}
