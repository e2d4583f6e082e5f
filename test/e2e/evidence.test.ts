// Each of the nine kinds of evidence, from the log that misbehaves to a third party: the auditor finds it, its operator exports it, and
// whoever has the log list and the file, but neither log nor auditor, has it checked [EVID-001, EVID-002.1, EVID-005].
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuditorDaemon } from '../../src/adapters/daemon/auditor.ts'
import { type Ca, createCa } from '../../src/adapters/dev-log/ca.ts'
import { type DevLog, startDevLog } from '../../src/adapters/dev-log/server.ts'
import { withBadSignature } from '../../src/adapters/dev-log/signed.ts'
import { incidentsPath, incidentsShape } from '../../src/adapters/node/http/operations-listener.ts'
import { fromHex, toBase64 } from '../../src/machines/ct/bytes.ts'
import type { BundleKind } from '../../src/machines/ct/evidence-bundle.ts'
import { encodeSfoBody } from '../../src/machines/ct/sfo.ts'
import type { Log, Sfo, Sth } from '../../src/machines/ct/types.ts'
import { type Bench, defectsOf, openBench } from './fixtures/bench.ts'

const main = new URL('../../src/adapters/cli/main.ts', import.meta.url).pathname
/** The least that a log list can say. */
const mmd = 1000
const hour = 3_600_000
const polling = { timeout: 60_000, interval: 100 }
const long = 180_000
let bench: Bench
let ca: Ca

beforeAll(async () => {
  bench = await openBench()
  ca = await createCa({ keyType: 'p-256', intermediates: 1 })
})

afterAll(() => bench.close())

interface Stage {
  readonly log: DevLog
  /** An SFO whose SCT is an hour old, so that its log owes it. */
  issue(): Promise<Sfo>
  report(...sfos: readonly Sfo[]): Promise<void>
  /** A tree head of now. */
  head(): Sth
  /** The auditor sees these tree heads, in a consensus of their own. */
  see(...heads: readonly Sth[]): Promise<void>
}

interface Course {
  readonly kind: BundleKind
  /** Of the auditor's files, where it is not that of the kind. */
  readonly name?: string
  readonly staticCt?: true
  /** Where an MMD is all the grace there is; else a day. */
  readonly noGrace?: true
  play(stage: Stage): Promise<void>
}

const courses: readonly Course[] = [
  {
    kind: 'split-view',
    async play({ log, issue, see }) {
      await issue()
      log.merge()
      log.setFault({ kind: 'split-view' })
      await see(log.sth('main'), log.sth('shadow'))
    },
  },
  {
    kind: 'rollback',
    async play({ log, issue, head, see }) {
      for (let n = 0; n < 3; n++) await issue()
      log.merge()
      await see(head())
      log.setFault({ kind: 'rollback' })
      await see(head())
    },
  },
  {
    kind: 'omission',
    staticCt: true,
    async play({ log, issue, report, head, see }) {
      log.setFault({ kind: 'wrong-index', by: 5 })
      const sfo = await issue()
      log.merge()
      await report(sfo)
      await see(head())
    },
  },
  {
    kind: 'substitution',
    staticCt: true,
    async play({ log, issue, report, head, see }) {
      log.setFault({ kind: 'withhold', leaves: { names: ['victim.example'] } })
      const { sfo: victim } = await ca.issue({ log, delivery: 'tls', name: 'victim.example' })
      await issue()
      log.merge()
      await report(victim)
      await see(head())
    },
  },
  {
    kind: 'equivocation',
    staticCt: true,
    async play({ log, issue, report }) {
      const first = await issue()
      log.setFault({ kind: 'same-index' })
      await report(first, await issue())
    },
  },
  {
    kind: 'late-merge',
    async play({ log, issue, report, head, see }) {
      await issue()
      log.merge()
      log.setFault({ kind: 'late-merge', ms: 2 * hour })
      const late = await issue()
      await report(late)
      await see(head())
      log.setFault({ kind: 'honest' })
      log.merge()
      await see(head())
    },
  },
  {
    kind: 'backdated',
    staticCt: true,
    async play({ log, issue, report, head, see }) {
      const sfo = await issue()
      log.merge()
      await report(sfo)
      log.setFault({ kind: 'backdated', ms: 2 * hour })
      await see(head())
    },
  },
  {
    kind: 'inconsistent',
    async play({ log, issue, head, see }) {
      for (let n = 0; n < 3; n++) await issue()
      log.merge()
      await see(head())
      log.setFault({ kind: 'inconsistent' })
      await see(head())
    },
  },
  {
    kind: 'withheld',
    noGrace: true,
    async play({ log, issue, report, head, see }) {
      await issue()
      log.merge()
      log.setFault({ kind: 'withhold' })
      await report(await issue())
      await see(head())
    },
  },
]

for (const course of courses) {
  const { kind } = course
  const transcript = kind === 'inconsistent' || kind === 'withheld'
  const worth = transcript ? 'a transcript' : 'proven'
  test(
    `${kind}: the auditor finds it, exports it, and to a third party it is ${worth} [EVID-001, EVID-002.1, EVID-005.3, EVID-005.4]`,
    async () => {
      const { log, store } = await found(course)

      const folder = bench.file(`${kind}-bundles`)
      const exported = await ctor('incidents', '--store', store, '--export', folder)
      expect(exported).toMatchObject({ status: 0, stderr: '' })
      const files = exported.stdout.trim().split('\n')
      expect(files.length).toBe(1)

      const list = bench.file(`${kind}-list.json`)
      writeFileSync(list, JSON.stringify({ operators: [{ name: 'an operator', ...listed(log) }] }))
      const said = await ctor('verify', String(files[0]), '--log-list', list, '--json')
      expect(said).toMatchObject({ status: transcript ? 3 : 0, stderr: '' })
      expect(JSON.parse(said.stdout)).toMatchObject({
        kind,
        standing: transcript ? 'transcript' : 'proven',
        logId: log.logId,
        logFrom: 'list',
        mmd,
      })
    },
    long,
  )
}

test(
  'of a log that the consensus lists no more there are bundles too, and of what has none it is said why [AUD-023.2, AUD-023.4, EVID-002.1]',
  async () => {
    const course = courses.find(({ kind }) => kind === 'split-view')
    if (course === undefined) throw new Error('no course')
    const other = await startDevLog({ mmd })
    bench.defer(() => other.close())
    const { store } = await found({ ...course, name: 'left' }, async (auditor) => {
      // As many as an auditor keeps.
      for (let n = 0; n < 8; n++) {
        await bench.publish({ logs: [other.log], sths: n === 0 ? [withBadSignature(other.sth())] : [] })
        await auditor.api.round()
      }
    })
    const exported = await ctor('incidents', '--store', store, '--export', bench.file('left-bundles'))
    expect(exported).toMatchObject({
      status: 0,
      stderr: 'incident 2 (bad-sth-signature): 1 of 1 samples without bundle: its kind has no bundle\n',
    })
    expect(exported.stdout.trim().split('\n')).toEqual([expect.stringContaining('-split-view-')])
  },
  long,
)

/** Log and auditor have ended when this answers. `after`: what else the auditor sees before. */
async function found(
  { kind, name = kind, staticCt, noGrace, play }: Course,
  after: (auditor: AuditorDaemon) => Promise<void> = async () => {},
): Promise<{ readonly log: Log; readonly store: string }> {
  let at = Date.now() - hour
  const log = await startDevLog({
    mmd,
    mergeDelay: 0,
    sthInterval: 1000 * hour,
    now: () => at,
    ...(staticCt && { staticCt }),
  })
  bench.defer(() => log.close())
  await bench.publish({ logs: [log.log] })
  const auditor = await bench.startAuditor(name, noGrace ? { timing: { graceMs: 0 } } : {})
  await auditor.api.round()
  await play({
    log,
    issue: async () => (await ca.issue({ log, delivery: 'embedded' })).sfo,
    async report(...sfos) {
      expect(await bench.report(auditor, encodeSfoBody(sfos))).toEqual({ status: 200, error: null })
    },
    head() {
      at = Date.now()
      return log.publish()
    },
    async see(...heads) {
      await bench.publish({ logs: [log.log], sths: heads })
      await auditor.api.round()
    },
  })
  await expect
    .poll(async () => {
      await auditor.api.round()
      return auditor.api.incidents().map((incident) => [incident.kind, incident.logId])
    }, polling)
    .toEqual([[kind, log.log.logId]])
  const answered = await (await fetch(auditor.operationsUrl + incidentsPath)).json()
  expect(incidentsShape.parse(answered)).toEqual(auditor.api.incidents())
  await after(auditor)
  expect(await defectsOf(auditor)).toEqual([])
  await Promise.all([auditor.stop(), log.close()])
  return { log: log.log, store: bench.file(`${name}.sqlite`) }
}

/** As the one entry of an operator, in a log list of version 3. */
function listed({ logId, key, mmd: ms, url, monitoringUrl }: Log): object {
  const entry = { description: 'a log', log_id: toBase64(fromHex(logId)), key, mmd: ms / 1000 }
  return monitoringUrl === undefined
    ? { logs: [{ ...entry, url: `${url}/` }] }
    : { tiled_logs: [{ ...entry, submission_url: `${url}/`, monitoring_url: `${monitoringUrl}/` }] }
}

/** The command line as a process of its own. */
async function ctor(...args: readonly string[]) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err] = [child.stdout, child.stderr].map((stream) => {
    let text = ''
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
    })
    return () => text
  }) as [() => string, () => string]
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, stdout: out(), stderr: err() }
}
