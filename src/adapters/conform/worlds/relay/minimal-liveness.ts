// What a relay always comes to, whatever happened before [INV-002, RELAY-101, RELAY-110, INV-006].
// Invariant: fair is a world that ends steps, lets timers fire and acknowledges or gives up reports; nobody has to be honest.
import type { Liveness } from '../../../../machines/kernel/explore.ts'
import { tooFewDraws } from '../../../../machines/relay/draws.ts'
import { holds } from '../../../../machines/relay/holdings.ts'
import type { RelayContext, RelayEvent, SfoRef } from '../../../../machines/relay/types.ts'
import type { RelayNode, RelayWorld, Scene } from './minimal-scene.ts'

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

export function relayLiveness(scene: Scene): readonly RelayLiveness[] {
  const distinct = [...new Map(scene.sfos.map((sfo) => [sfo.sfoId, sfo])).values()]
  const isHeld =
    ({ sfoId }: SfoRef) =>
    ({ state }: RelayNode) =>
      holds(state.context, sfoId)
  return [...always, ...distinct.flatMap((sfo) => endOf(sfo, isHeld(sfo), scene))]
}

function endOf(sfo: SfoRef, isHeld: (node: RelayNode) => boolean, scene: Scene): readonly RelayLiveness[] {
  const isGone = (node: RelayNode) => !isHeld(node)
  const name = `INV-006: SFO ${sfo.sfoId.slice(-1)}`
  return [
    {
      name: `${name} can always get its end`,
      kind: 'can',
      from: (node) => isHeld(node) && scene.consensuses.length > 0,
      until: isGone,
    },
    {
      name: `${name} gets its end by rounds and answered reports, once it is due or was held too long`,
      kind: 'must',
      from: (node) => isHeld(node) && isRipe(node, sfo, scene),
      until: isGone,
      fair: (event, node) =>
        node.world.reports.length > 0
          ? event?.type === 'reported' && node.world.reports.includes(event.sfoId)
          : goesOn(event, node) || beginsRound(event, node),
    },
  ]
}

/** No consensus is to come, nor a later instant; what a round took, or an auditor is told of, is ripe whenever it is. */
function isRipe({ state: { context }, world }: RelayNode, sfo: SfoRef, { consensuses, instants }: Scene): boolean {
  const held = context.held.get(sfo.sfoId)
  if (held === undefined) return true
  if (context.config.policy.notDue === 'challenge') return true
  const end = instants.at(-1) ?? 0
  const mmd = consensuses.at(-1)?.logs.find(({ logId }) => logId === sfo.logId)?.mmd ?? 0
  const owed = Math.min(sfo.sctTimestamp, held.receivedAt) + mmd
  const due = context.logs.get(sfo.logId)?.sths.some(({ timestamp }) => timestamp >= owed) === true
  return (
    due || (world.now === instants.length - 1 && end - Math.max(owed, held.receivedAt) > context.config.holdLimitMs)
  )
}
