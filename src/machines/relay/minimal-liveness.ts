// What a relay always comes to, whatever happened before [INV-002, RELAY-101, RELAY-110, INV-006].
// Invariant: fair is a world that ends steps, lets timers fire and acknowledges or gives up reports; nobody has to be honest.
import type { SfoId } from '../ct/types.ts'
import type { Liveness } from '../kernel/explore.ts'
import { tooFewDraws } from './draws.ts'
import { holds } from './holdings.ts'
import type { RelayNode, RelayWorld, Scene } from './minimal-scene.ts'
import type { RelayContext, RelayEvent } from './types.ts'

type RelayLiveness = Liveness<RelayContext, RelayEvent, RelayWorld>

const isPassive = ({ state }: RelayNode): boolean => state.value === 'passive'
const isActive = (node: RelayNode): boolean => !isPassive(node)

/** The step that is awaited ends. */
function goesOn(event: RelayEvent | null, { state, world }: RelayNode): boolean {
  return event?.type === 'stepDone' && event.round === state.context.roundNumber && event.step === world.step
}

function beginsRound(event: RelayEvent | null, { state, world }: RelayNode): boolean {
  return event?.type === 'waited' && world.waiting && !tooFewDraws(state.context, event)
}

const always: readonly RelayLiveness[] = [
  { name: 'INV-002: passive can always be reached again', kind: 'can', from: () => true, until: isPassive },
  {
    name: 'RELAY-110: the ends of its steps lead a round to its end, without its deadline',
    kind: 'must',
    from: isActive,
    until: isPassive,
    fair: goesOn,
  },
  {
    name: 'INV-002: the deadline alone leads a round to its end',
    kind: 'must',
    from: isActive,
    until: isPassive,
    fair: (event, { state }) => event?.type === 'deadline' && event.round === state.context.roundNumber,
  },
  {
    name: 'RELAY-101: a passive relay begins a round',
    kind: 'must',
    from: isPassive,
    until: isActive,
    fair: beginsRound,
  },
]

export function relayLiveness({ sfos, consensuses, instants }: Scene): readonly RelayLiveness[] {
  const known = consensuses.at(-1)?.validAfter
  /** The last consensus shows what is due; at the last instant whatever is not has been held too long, if it came before. */
  const isRipe = ({ state: { context }, world }: RelayNode, sfoId: SfoId) =>
    known !== undefined &&
    context.consensus?.validAfter === known &&
    world.now === instants.length - 1 &&
    (context.held.get(sfoId)?.receivedAt ?? 0) < (instants[world.now] as number) + (instants.length > 1 ? 0 : 1)
  return [
    ...always,
    ...[...new Set(sfos.map(({ sfoId }) => sfoId))].flatMap((sfoId): RelayLiveness[] => [
      {
        name: `INV-006: SFO ${sfoId} can always get its end`,
        kind: 'can',
        from: ({ state }) => known !== undefined && holds(state.context, sfoId),
        until: ({ state }) => !holds(state.context, sfoId),
      },
      {
        name: `INV-006: SFO ${sfoId} gets its end by rounds and answered reports, once nothing new is to come`,
        kind: 'must',
        from: (node) => holds(node.state.context, sfoId) && isRipe(node, sfoId),
        until: ({ state }) => !holds(state.context, sfoId),
        fair: (event, node) =>
          node.world.reports.length > 0
            ? event?.type === 'reported' && node.world.reports.includes(event.sfoId)
            : goesOn(event, node) || beginsRound(event, node),
      },
    ]),
  ]
}
