// `npm run demo`: the whole system on loopback in under a minute, and a table of what became of every SFO.
// Invariant: it exits 0 only if every check holds, and within its time limit.

import { exit } from 'node:process'
import { Command } from 'commander'
import { leafHashOf } from '../../machines/ct/leaf.ts'
import { logNames, type Network, scale, startNetwork } from './network.ts'
import { auditorTable, checks, logTable, relayTable, unanswered } from './outcome.ts'
import { progress } from './progress.ts'
import { ownChains, realChains, type Submission } from './submissions.ts'
import { type Sent, submitAll } from './submit.ts'

const relayCount = 8
const limitMs = 55_000

const startedAt = Date.now()
const line = progress(startedAt)

const { chains } = new Command('demo')
  .description(
    'A network on loopback: 3 development logs (honest, static-ct; withholding one certificate; merging one after its MMD), ' +
      `${relayCount} CTRs and an auditor. Ends with a table; exits 1 unless both bad logs are caught, the honest one is not, and no SFO is lost.`,
  )
  .option('--chains <file>', 'submit the real public chains of this JSON file instead of those of a CA of its own')
  .parse()
  .opts<{ chains?: string }>()

try {
  exit((await run()) ? 0 : 1)
} catch (error) {
  line.done()
  console.error(`demo: ${error instanceof Error ? error.message : error}`)
  exit(1)
}

async function run(): Promise<boolean> {
  line.step(
    `starting 3 logs (MMD ${scale.mmd / 1000} s), ${relayCount} CTRs, 1 auditor (grace ${scale.graceMs / 1000} s)`,
  )
  const network = await startNetwork(relayCount)
  try {
    await until(() => network.relays.every(({ api }) => api.state().context.consensus !== null), 'the first consensus')
    const submissions = await issue(network)
    line.step(`submitting ${submissions.length} SFOs, each to two CTRs, some twice, some with a spoilt signature`)
    const sent = await submitAll(submissions, network.relays)
    await settle(network, submissions, sent)
    return await report(network, submissions, sent)
  } finally {
    await network.stop()
  }
}

/** The first SFO of each bad log is the one that it withholds or merges late; until it is known, all of them wait. */
async function issue({ logs }: Network): Promise<readonly Submission[]> {
  const all = logNames.map((name) => logs[name])
  logs.withholding.setFault({ kind: 'withhold' })
  logs.late.setFault({ kind: 'late-merge', ms: scale.lateBy })
  line.step(chains === undefined ? 'issuing chains: RSA-2048 and P-256, 2 and 3 certificates' : `reading ${chains}`)
  const submissions = chains === undefined ? await ownChains(all) : realChains(chains, all)
  const first = (log: (typeof all)[number]) => {
    const submission = submissions.find(({ logId }) => logId === log.log.logId)
    if (submission === undefined) throw new Error('no chain was submitted to one of the logs')
    return { hashes: [leafHashOf(submission.leafId)] }
  }
  logs.withholding.setFault({ kind: 'withhold', leaves: first(logs.withholding) })
  logs.late.setFault({ kind: 'late-merge', ms: scale.lateBy, leaves: first(logs.late) })
  return submissions
}

async function settle(network: Network, submissions: readonly Submission[], sent: Sent): Promise<void> {
  const open = () => checks(network, submissions, sent).filter(({ holds }) => !holds)
  const rounds = () => network.relays.reduce((sum, { api }) => sum + api.state().context.roundNumber, 0)
  await until(
    () => open().length === 0,
    () => `${rounds()} rounds; ${open().length} to come, first: ${open()[0]?.text ?? ''}`,
  )
  line.done()
}

/** Or until the time limit: the checks then say what did not come. */
async function until(holds: () => boolean, what: string | (() => string)): Promise<void> {
  while (Date.now() - startedAt < limitMs && !holds()) {
    line.update(`waiting for ${typeof what === 'string' ? what : what()}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function report(network: Network, submissions: readonly Submission[], sent: Sent): Promise<boolean> {
  const results = checks(network, submissions, sent)
  console.log(`\n${logTable(network, submissions)}\n\n${relayTable(network, sent)}\n\n${auditorTable(network)}\n`)
  for (const { text, holds } of results) console.log(`${holds ? 'ok  ' : 'FAIL'} ${text}`)
  const held = await unanswered(network)
  if (held !== '') console.log(`\n${held}`)
  console.log(`\n${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
  return results.every(({ holds }) => holds)
}
