// Who is told of what the auditor found, and what it does where that fails.
import { expect, test } from 'vitest'
import { incidentsOf } from '../../src/effects/auditor/incidents.ts'
import type { Incident } from '../../src/effects/ports.ts'
import type { Evidence } from '../../src/machines/auditor/types.ts'
import { auditorWorld, defect, refused, type WorldScript } from './fakes/auditor-world.ts'
import { settled } from './fakes/clock.ts'
import { startAt, worlds } from './fakes/ct-world.ts'

const evidence = (kind: Evidence['kind']): Evidence => ({
  kind,
  logId: worlds[0].log.logId,
  sfoId: null,
  sths: [],
  proof: null,
  lastOutcome: null,
  since: startAt,
  spansGap: false,
})
const [toldOnce, failedOnce] = ['told', 'failed'].map((result) => ['count', 'auditor_notifications_total', { result }])
const gauge = (count: number) => ['gauge', 'auditor_incidents', count, {}]
const notifyFailed = (incident: number, kind: string) => ['error', 'notifyFailed', { incident, kind }]

type Answer = 'told' | 'failed' | 'hangs'

/** `answers`: how the notifier answers, then it tells. Two incidents are there. */
async function harness(answers: readonly Answer[], given: WorldScript = {}) {
  const fake = auditorWorld({ limits: { notifyMs: 1000, notifyRetryMs: 5000 }, ...given })
  await fake.store.escalate(evidence('split-view'))
  await fake.store.escalate(evidence('log-down'))
  const calls: number[] = []
  const notify = ({ id }: Incident) => {
    const answer = answers[calls.push(id) - 1] ?? 'told'
    return answer === 'told' ? Promise.resolve() : new Promise<void>((_, no) => answer === 'failed' && no(new Error()))
  }
  return { ...fake, calls, incidents: incidentsOf(fake.world, { notify }) }
}

test('each incident is told, then marked, and told no more [AUD-012, AUD-023]', async () => {
  const { incidents, calls, said, written, store, clock } = await harness([])
  incidents.notifySoon()
  await settled()
  expect(calls).toEqual([1, 2])
  expect(said).toEqual([gauge(2), toldOnce, toldOnce])
  expect(written).toEqual(['notify', 'markNotified', 'notify', 'markNotified'])
  expect(store.incidents().map(({ notified }) => notified)).toEqual([true, true])
  expect(clock.pending).toBe(0)
  await store.escalate(evidence('split-view'))
  incidents.notifySoon()
  await settled()
  expect([calls, said.length]).toEqual([[1, 2], 4])
})

test('what could not be told is told after a while, and the others meanwhile [AUD-012]', async () => {
  const { incidents, calls, said, clock } = await harness(['failed', 'told', 'hangs'])
  incidents.notifySoon()
  await settled()
  expect(said.splice(0)).toEqual([gauge(2), failedOnce, notifyFailed(1, 'split-view'), toldOnce])
  expect([calls, clock.pending]).toEqual([[1, 2], 1])
  await clock.advance(4999)
  expect(calls).toEqual([1, 2])
  await clock.advance(1)
  expect([calls, clock.pending]).toEqual([[1, 2, 1], 1])
  await clock.advance(1000)
  expect(said.splice(0)).toEqual([gauge(2), failedOnce, notifyFailed(1, 'split-view')])
  await clock.advance(5000)
  expect([calls, clock.pending, said]).toEqual([[1, 2, 1, 1], 0, [gauge(2), toldOnce]])
})

test('a success takes back the second attempt that was planned [AUD-012]', async () => {
  const { incidents, calls, clock } = await harness(['failed'])
  incidents.notifySoon()
  await settled()
  incidents.notifySoon()
  await settled()
  expect([calls, clock.pending]).toEqual([[1, 2, 1], 0])
})

test('one that was told but could not be marked is marked later, not told again [INV-009]', async () => {
  const { incidents, calls, said, written, clock, failing } = await harness([])
  failing.push('markNotified')
  incidents.notifySoon()
  await settled()
  expect(said.splice(0)).toEqual([gauge(2), toldOnce, ...refused('markNotified'), toldOnce])
  await clock.advance(5000)
  expect([calls, said]).toEqual([[1, 2], [gauge(2)]])
  expect(written.slice(4)).toEqual(['markNotified'])
})

test('one that was marked and is unmarked anew is told anew [AUD-023]', async () => {
  const unmarked: Incident = {
    ...evidence('log-down'),
    id: 7,
    count: 1,
    firstAt: 0,
    lastAt: 0,
    samples: [],
    notified: false,
  }
  const { incidents, calls } = await harness([], {
    store: { incidents: () => [unmarked], markNotified: async () => ({ ok: true, value: null }) },
  })
  for (let n = 0; n < 2; n++) {
    incidents.notifySoon()
    await settled()
  }
  expect(calls).toEqual([7, 7])
})

test('what arrives while others are told is told too, each once [AUD-012]', async () => {
  const { incidents, calls, said, clock, store } = await harness(['hangs'])
  incidents.notifySoon()
  await settled()
  await store.escalate(evidence('no-sth'))
  incidents.notifySoon()
  await settled()
  expect(calls).toEqual([1])
  await clock.advance(1000)
  expect(calls).toEqual([1, 2, 1, 3])
  expect(said.filter(([how]) => how === 'gauge')).toEqual([gauge(2), gauge(3)])
  expect(clock.pending).toBe(0)
})

test('with the stop nobody is told any more, nothing is counted and no timer set [AUD-012]', async () => {
  const { incidents, calls, said, clock, stop } = await harness(['hangs'])
  incidents.notifySoon()
  await settled()
  let isSettled = false
  const waiting = incidents.settled().then(() => {
    isSettled = true
  })
  await settled()
  expect(isSettled).toBe(false)
  stop()
  await waiting
  incidents.notifySoon()
  expect(await incidents.settled()).toBeUndefined()
  expect([calls, said, clock.pending]).toEqual([[1], [gauge(2)], 0])
})

test('after a crash at the boundary nobody is told [INV-009]', async () => {
  const { incidents, calls, said, written } = await harness([], {
    crashAt: 1,
  })
  incidents.notifySoon()
  await settled()
  incidents.notifySoon()
  await settled()
  expect([calls, said, written]).toEqual([[1], [gauge(2), toldOnce], ['notify']])
})

test('a store that throws is a defect, and the next time is tried anew [AUD-012]', async () => {
  const thrown = new RangeError('broken')
  let reads = 0
  const { incidents, said } = await harness([], {
    store: {
      incidents() {
        if (reads++ === 0) throw thrown
        return []
      },
    },
  })
  for (let n = 0; n < 2; n++) {
    incidents.notifySoon()
    await settled()
  }
  expect(said).toEqual([...defect('handlerFailed', thrown), gauge(0)])
})
