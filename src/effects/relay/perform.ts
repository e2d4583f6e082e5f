// Which effect is performed by whom [RELAY-101 to RELAY-113]. Invariant: an effect of a round that has ended only clears the store; it
// starts nothing and tells the machine nothing.
import type { ProofPair } from '../../machines/ct/types.ts'
import { drawsNeeded } from '../../machines/relay/draws.ts'
import type { RelayEffect, StepName } from '../../machines/relay/types.ts'
import type { Announcer } from './announce.ts'
import { challengeLogs } from './challenge.ts'
import { fetchProofs } from './fetch.ts'
import { forwardSfos } from './forward.ts'
import type { Reporter } from './report.ts'
import { type RelayWorld, type RoundScope, roundScope } from './world.ts'

export interface Performer {
  /** Returns at once; the answers are events. */
  perform(effect: RelayEffect): void
  /** OnionShare connection API: the pairs for one connection. */
  proofs(): readonly ProofPair[]
}

export function performer(world: RelayWorld, announcing: Announcer, reporting: Reporter): Performer {
  const { clock, store, tools } = world
  const rounds = roundTimers(world)
  let served: readonly ProofPair[]
  let cancelWait = () => {}
  let requests = 0

  function startWait(ms: number) {
    cancelWait()
    cancelWait = clock.after(ms, due)
  }

  /** Without a live consensus a round has neither logs nor peers: it is put off [CONS-001.9]. */
  function due() {
    if (world.consensus() === null) {
      tools.count('relay_rounds_postponed_total')
      tools.warn('noLiveConsensus')
      return startWait(world.config.waitMs)
    }
    const draw = world.random.u32(drawsNeeded(world.state().context, 'waited'))
    world.dispatch({ type: 'waited', at: clock.now(), draw })
  }

  /** Work that ends by an event; it never rejects but for a defect. */
  function begin(round: number, work: (scope: RoundScope) => Promise<void>) {
    const scope = rounds.of(round)
    if (scope !== null) work(scope).catch((error: unknown) => tools.defect('handlerFailed', error))
  }

  function finish(round: number, step: StepName, work: () => void) {
    try {
      work()
    } catch (error) {
      tools.defect('portFailed', error)
    }
    rounds.of(round)?.send({ type: 'stepDone', round, step, at: clock.now() })
  }

  const handlers: Handlers = {
    startWait: ({ ms }) => startWait(ms),
    startDeadline: ({ round, ms }) => rounds.start(round, ms),
    endRound: ({ round }) => rounds.end(round),
    connect: ({ round, logIds }) =>
      finish(round, 'connect', () => {
        for (const logId of logIds) rounds.of(round)?.isolationOf(logId)
      }),
    challenge: (effect) => begin(effect.round, (scope) => challengeLogs(world, scope, effect)),
    fetch: (effect) => begin(effect.round, (scope) => fetchProofs(world, scope, effect)),
    forward: (effect) => begin(effect.round, (scope) => forwardSfos(world, scope, effect)),
    announce: (effect) => begin(effect.round, (scope) => announcing.announce(scope, effect)),
    forgetProofs: ({ round, leafIds }) => finish(round, 'rotate', () => store.deletePairs(leafIds)),
    emptyBuckets: ({ round, sfoIds }) => finish(round, 'empty', () => store.deleteSfos(sfoIds)),
    forgetSfos: ({ sfoIds }) => store.deleteSfos(sfoIds),
    forgetPairs: ({ leafIds }) => store.deletePairs(leafIds),
    keepPair({ pair }) {
      if (!store.putPair(pair)) tools.count('relay_store_full_total')
    },
    serveProofs({ leafIds }) {
      served = store.getPairs(leafIds)
    },
    report(effect) {
      reporting.report(effect).catch((error: unknown) => tools.defect('handlerFailed', error))
    },
  }

  /** The machine serves before its event is over, or not at all. */
  function proofs(): readonly ProofPair[] {
    served = []
    const request = `${++requests}`
    const draw = world.random.u32(drawsNeeded(world.state().context, 'proofsRequested'))
    world.dispatch({ type: 'proofsRequested', request, at: clock.now(), draw })
    return served
  }

  return { perform: (effect) => handlers[effect.type](effect as never), proofs }
}

type Handlers = { readonly [K in RelayEffect['type']]: (effect: Extract<RelayEffect, { type: K }>) => void }

/** The running round's scope and its hard deadline. */
function roundTimers(world: RelayWorld) {
  let running: RoundScope | null = null
  let cancelDeadline = () => {}
  const of = (round: number) => (running?.number === round ? running : null)
  return {
    of,
    start(round: number, ms: number) {
      running = roundScope(world, round)
      cancelDeadline = world.clock.after(ms, () => {
        world.dispatch({ type: 'deadline', round, at: world.clock.now() })
      })
    },
    end(round: number) {
      const ended = of(round)
      if (ended === null) return
      cancelDeadline()
      ended.end()
      const seconds = (world.clock.now() - ended.startedAt) / 1000
      running = null
      world.tools.count('relay_rounds_total')
      world.tools.gauge('relay_round_seconds', seconds)
      world.tools.info('round ended', { round, seconds })
    },
  }
}
