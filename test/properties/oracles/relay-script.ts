// A relay driven by hand, one event a line: for tests that tell a short story. Draws are 0 where a story does not care.
import type { Outcome, Sth } from '../../../src/machines/ct/types.ts'
import type { Step } from '../../../src/machines/kernel/machine.ts'
import { step } from '../../../src/machines/kernel/step.ts'
import { drawsNeeded } from '../../../src/machines/relay/draws.ts'
import { initialRelay } from '../../../src/machines/relay/initial.ts'
import { relayMachine } from '../../../src/machines/relay/machine.ts'
import { type ProfileName, relayConfig } from '../../../src/machines/relay/profiles.ts'
import type {
  Policy,
  RelayConfig,
  RelayContext,
  RelayEffect,
  RelayEvent,
  SfoRef,
  StepName,
} from '../../../src/machines/relay/types.ts'
import type { Consensus } from '../../../src/machines/tor/types.ts'
import { pairOf, sthOf } from './relay-environment.ts'

type Given = Partial<Omit<RelayConfig, 'policy'>> & {
  readonly policy?: Partial<Policy>
  readonly profile?: ProfileName
}

/** Two logs `a` (MMD 10) and `b` (MMD 20) with STHs at 100 and 200, six CTRs, two auditors. */
export const usual: Consensus = {
  digest: '',
  validAfter: 1,
  freshUntil: 2,
  validUntil: 3,
  logs: [
    { logId: 'a', key: '', mmd: 10, url: '' },
    { logId: 'b', key: '', mmd: 20, url: '' },
  ],
  sths: ['a', 'b'].flatMap((logId) => [sthOf(logId, 100), sthOf(logId, 200)]),
  ctrs: ['self', 'c1', 'c2', 'c3', 'c4', 'kin'].map((ctrId) => ({ ctrId, url: '', family: [] })),
  auditors: ['x', 'y'].map((auditorId) => ({ auditorId, key: '', url: '' })),
}

export const sthsOf = (logId: string, ...times: readonly number[]): readonly Sth[] =>
  times.map((time) => sthOf(logId, time))

/** sfoId = 8 hex digits; leaf 7 of log a is `a:7`; the SCT is of time 50: due at once. */
export const sfoOf = (id: string, more: Partial<SfoRef> = {}): SfoRef => {
  const logId = more.logId ?? 'a'
  return { sfoId: id.padStart(8, '0'), leafId: `${logId}:${id}`, logId, sctTimestamp: 50, hops: 0, ...more }
}

export function relay({ profile = 'hardened', ...given }: Given = {}, consensus: Consensus | null = usual) {
  const config = relayConfig({ self: 'self', family: ['kin'], n: 2, k: 2, ...given }, profile)
  if (!config.ok) throw new Error(config.detail)
  let state = initialRelay(config.value)
  let at = 300
  let last: Step<RelayContext, RelayEffect> = { state, effects: [], disposition: 'accepted' }

  function take(event: RelayEvent) {
    last = step(relayMachine, state, event)
    state = last.state
    return last
  }
  const draw = (type: RelayEvent['type'], given: readonly number[] = []) => {
    const needed = drawsNeeded(state.context, type)
    return [...given, ...Array.from({ length: Math.max(0, needed - given.length) }, () => 0)]
  }
  const round = () => state.context.roundNumber
  const done = (name: StepName) => take({ type: 'stepDone', at, round: round(), step: name })

  const story = {
    take,
    done,
    context: () => state.context,
    value: () => (typeof state.value === 'string' ? state.value : String(state.value.active)),
    last: () => last,
    /** The effect of that type in the last step. */
    effect: <T extends RelayEffect['type']>(type: T) =>
      last.effects.find((effect): effect is Extract<RelayEffect, { type: T }> => effect.type === type),
    at: (time: number) => {
      at = time
      return story
    },
    learn: (more: Partial<Consensus>) =>
      take({
        type: 'consensus',
        at,
        consensus: { ...usual, validAfter: (state.context.consensus?.validAfter ?? 0) + 1, ...more },
      }),
    sfo: (sfo: SfoRef, draws: readonly number[] = []) => take({ type: 'sfo', at, sfo, draw: draw('sfo', draws) }),
    address: (address: string, drawn = 0) => take({ type: 'address', at, address, draw: [drawn] }),
    waited: (draws: readonly number[] = []) => take({ type: 'waited', at, draw: draw('waited', draws) }),
    serve: (draws: readonly number[] = []) =>
      take({ type: 'proofsRequested', at, request: 'r', draw: draw('proofsRequested', draws) }),
    deadline: () => take({ type: 'deadline', at, round: round() }),
    challenged: (leafId: string, outcome: Outcome, breakerOpen = false) => {
      const sth = state.context.round?.asked.get(leafId)
      const pair = outcome === 'proven' && sth !== undefined ? pairOf(leafId, sth) : null
      return take({ type: 'challenged', at, round: round(), leafId, outcome, pair, breakerOpen })
    },
    pair: (leafId: string, verified: boolean) =>
      take({ type: 'pair', at, round: round(), pair: pairOf(leafId, sthOf('a', 100)), verified }),
    delivered: (ctrId: string, id: string, ok: boolean) =>
      take({ type: 'delivered', at, round: round(), ctrId, sfoId: id.padStart(8, '0'), ok }),
    reported: (id: string, ok: boolean) => take({ type: 'reported', at, sfoId: id.padStart(8, '0'), ok }),
    /** Ends steps until that state is reached. */
    until: (name: string) => {
      const ends = {
        connecting: 'connect',
        challenging: 'challenge',
        fetching: 'fetch',
        forwarding: 'forward',
        announcing: 'announce',
        rotating: 'rotate',
        emptying: 'empty',
      } as const
      for (let i = 0; i < 9 && story.value() !== name; i++) {
        const end = ends[story.value() as keyof typeof ends]
        if (end === undefined) story.waited()
        else done(end)
      }
      return story
    },
  }
  if (consensus !== null) take({ type: 'consensus', at, consensus })
  return story
}
