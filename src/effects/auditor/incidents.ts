// Humans are told of each incident once [AUD-012, AUD-023, INV-009]. Invariant: an incident is told only after it is durable, and until
// it is marked; one that was told but not marked is told again after a restart, under the same id, by which a notifier knows it.
import { withDeadline } from '../deadline.ts'
import type { Incident, Notifier } from '../ports.ts'
import type { AuditorWorld } from './world.ts'

export interface Incidents {
  /** Tells what is not told yet; what arrives meanwhile is told too. */
  notifySoon(): void
  /** Nothing is being told. */
  settled(): Promise<void>
}

export function incidentsOf(world: AuditorWorld, notifier: Notifier): Incidents {
  const { clock, limits, store, tools, writes } = world
  /** Told in this run, but not marked yet. */
  const told = new Set<number>()
  let running: Promise<void> | null = null
  /** Asked for while others were told. */
  let again: boolean
  let cancelRetry = () => {}

  /** Whether it has to be tried again. */
  async function tell(incident: Incident): Promise<boolean> {
    if (!told.has(incident.id)) {
      const ended = await withDeadline(clock, world.signal, limits.notifyMs, () => notifier.notify(incident))
      if (ended.kind === 'aborted') return false
      tools.count('auditor_notifications_total', { result: ended.kind === 'done' ? 'told' : 'failed' })
      if (ended.kind !== 'done') {
        tools.error('notifyFailed', { incident: incident.id, kind: incident.kind })
        return true
      }
      told.add(incident.id)
      writes.boundary('notify')
    }
    const marked = await writes.write('markNotified', () => store.markNotified(incident.id))
    if (marked.ok) told.delete(incident.id)
    return !marked.ok
  }

  async function tellAll() {
    const known = store.incidents()
    tools.gauge('auditor_incidents', known.length)
    let failed = false
    for (const incident of known.filter(({ notified }) => !notified)) {
      if (writes.dead) return
      if (await tell(incident)) failed = true
    }
    cancelRetry()
    if (failed) cancelRetry = clock.after(limits.notifyRetryMs, notifySoon)
  }

  function notifySoon() {
    again = running !== null
    if (again || world.signal.aborted || writes.dead) return
    running = tellAll()
      .catch((error: unknown) => tools.defect('handlerFailed', error))
      .finally(() => {
        running = null
        if (again) notifySoon()
      })
  }

  return {
    notifySoon,
    settled: () => running ?? Promise.resolve(),
  }
}
