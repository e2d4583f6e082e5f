// Mutation operators on the events of scenarios, by name [spec/relay.md, RELAY-021; spec/auditor.md, INV-008].
// Invariant: an operator is a function of the events; where a mutant's last event must be refused, it says how.
import type { DraftL1, MustEnd } from './trace-draft.ts'

type Event = Readonly<Record<string, unknown>>
type Mutant = { readonly events: readonly Event[]; readonly must?: MustEnd }

const operators: Readonly<Record<string, (events: readonly Event[], machine: string) => Mutant | null>> = {
  'repeat-last': (events) => ({ events: [...events, ...events.slice(-1)] }),
  drop: (events) => (events.length < 2 ? null : { events: [...events.slice(0, -2), ...events.slice(-1)] }),
  swap: (events) =>
    events.length < 2 ? null : { events: [...events.slice(0, -2), ...events.slice(-1), ...events.slice(-2, -1)] },
  'stale-round': (events, machine) => {
    const last = events.at(-1)
    if (typeof last?.round !== 'number' || last.round === 0) return null
    const stale = [...events.slice(0, -1), { ...last, round: last.round - 1 }]
    return { events: stale, ...(machine === 'relay' ? { must: { disposition: 'ignored', reason: 'staleRound' } } : {}) }
  },
  'instant-1': (events) => later(events, -1),
  'instant+1': (events) => later(events, 1),
  'no-draws': (events) =>
    events.at(-1)?.draw === undefined ? null : { events: [...events.slice(0, -1), { ...events.at(-1), draw: [] }] },
}

function later(events: readonly Event[], by: number): Mutant | null {
  const last = events.at(-1)
  return typeof last?.at === 'number' && last.at + by >= 0
    ? { events: [...events.slice(0, -1), { ...last, at: last.at + by }] }
    : null
}

/** Longer ones say little more, and fill files. */
const longest = 12

/** Of the relay only under the two profiles as they are. */
export function sequenceDrafts(scenarios: readonly DraftL1[]): readonly DraftL1[] {
  return scenarios
    .filter(
      ({ machine, name, events }) =>
        events.length <= longest &&
        (machine !== 'relay' ||
          !/^(hardened|seed)-[a-z]+[A-Z]|^(hardened|seed)-(bucketing|order|reporting)-/.test(name)),
    )
    .flatMap((draft) =>
      Object.entries(operators).flatMap(([operator, change]): readonly DraftL1[] => {
        const mutant = change(draft.events as readonly Event[], draft.machine)
        if (mutant === null) return []
        const { events, must = {} } = mutant
        const named = {
          name: `${draft.name}-${operator}`,
          comment: `${draft.comment}; ${operator}`,
          provenance: `sequence:${operator}`,
        }
        return [{ ...draft, ...named, events, must, reqs: [], allStates: false }]
      }),
    )
}
