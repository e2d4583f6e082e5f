// L1 vectors from the explorer's transition tour: every leaf state, event and outcome of guards that the minimal worlds reach.
// Invariant: a vector is a shortest run of a model to its transition; the tours of both profiles are separate.
import type { AnyModel } from '../../../machines/kernel/explore.ts'
import { explore } from '../../../machines/kernel/explore.ts'
import { type Stop, tour } from '../../../machines/kernel/explore-tour.ts'
import { hardenedPolicy, seedPolicy } from '../../../machines/relay/profiles.ts'
import { auditorModels, profileNames, relayModels } from '../explore-models.ts'
import { fromWire, toWireObject } from '../json.ts'
import { machines } from '../machines.ts'
import type { DraftL1 } from './trace-draft.ts'

// biome-ignore lint/suspicious/noExplicitAny: a tour is of any model.
type AnyStop = Stop<any, { readonly type: string }, any>

export function tourDrafts(): readonly DraftL1[] {
  const relays = profileNames.flatMap((profile) => {
    const policy = profile === 'seed' ? seedPolicy : hardenedPolicy
    return stopsOf(relayModels(profile)).map((stop) => draftOf('relay', profile, stop, { policy }))
  })
  const kinds = [...new Set(auditorModels.map(({ kind }) => kind))]
  const auditors = kinds.flatMap((kind) =>
    stopsOf(auditorModels.filter((model) => model.kind === kind)).map((stop) => draftOf(kind, '', stop, {})),
  )
  return [...relays, ...auditors].filter(canBeSaid)
}

/** A model may also try what no vector can say, as a mean that is negative. */
function canBeSaid({ machine, events }: DraftL1): boolean {
  const schema = machines[machine]?.event
  return schema !== undefined && events.every((event) => fromWire(schema, toWireObject(event)).ok)
}

function stopsOf(models: readonly AnyModel[]): readonly AnyStop[] {
  const graphs = models.map((model) => explore(model, { maxStates: 200_000 }))
  const [first, ...others] = graphs
  return first === undefined ? [] : (tour(first, ...others).stops as readonly AnyStop[])
}

function draftOf(machine: string, profile: string, stop: AnyStop, config: object): DraftL1 {
  const { row, disposition, reason, events, root } = stop
  const guard = row.guard === null ? 'else' : `if ${row.guard}`
  return {
    machine,
    name: [profile, row.state, row.event, row.guard ?? 'else', reason ?? disposition].filter(Boolean).join('-'),
    preset: 'minimal',
    config: { ...config, ...root.config },
    events,
    must: { disposition, ...(reason === null ? {} : { reason }) },
    reqs: [],
    comment: `In ${row.state}: ${row.event}, ${guard}: ${disposition}${reason === null ? '' : ` (${reason})`}${profile && `, ${profile}`}`,
    provenance: 'tour',
  }
}
