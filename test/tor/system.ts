// The whole system on a private Tor network: two CTRs that prove themselves with real relays' keys, an auditor that is an onion service, two
// development logs, and a browser. Invariant: each party has nothing but its own tor's SOCKS and control port; `close` leaves nothing.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type AuditorDaemon, startAuditor } from '../../src/adapters/daemon/auditor.ts'
import { auditorSchema } from '../../src/adapters/daemon/auditor-config.ts'
import { type RelayDaemon, startRelay } from '../../src/adapters/daemon/relay.ts'
import { relaySchema } from '../../src/adapters/daemon/relay-config.ts'
import { type Ca, createCa } from '../../src/adapters/dev-log/ca.ts'
import type { TestConsensus } from '../../src/adapters/dev-log/consensus.ts'
import { type DevLog, startDevLog } from '../../src/adapters/dev-log/server.ts'
import { agentPool } from '../../src/adapters/node/agents.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { generateKey, writeKey } from '../../src/adapters/node/ctr-key.ts'
import { sctFeedbackPath } from '../../src/adapters/node/http/paths.ts'
import { httpPeerClient, resolveTorOnion } from '../../src/adapters/node/peer-client.ts'
import { delegate, writeDelegation } from '../../src/adapters/node/tor/delegation.ts'
import { readRelaySigningKey } from '../../src/adapters/node/tor/relay-keys.ts'
import { encodeSfoBody } from '../../src/machines/ct/sfo.ts'
import { encodeConsensusBody } from '../../src/machines/tor/consensus-document.ts'
import { startTorNetwork, type TorAuthority, type TorClient, type TorNetwork } from './network.ts'
import { realConsensus } from './real-consensus.ts'

const second = 1_000
export const mmd = 3 * second
const limits = { maxAgents: 64, idleMs: 5 * second, connectMs: 15 * second, totalMs: 20 * second }
const never = new AbortController().signal

export interface System {
  readonly network: TorNetwork
  readonly logs: { readonly honest: DevLog; readonly withholding: DevLog }
  readonly relays: readonly [RelayDaemon, RelayDaemon]
  readonly auditor: AuditorDaemon
  readonly tor: { readonly relays: TorClient; readonly auditor: TorClient; readonly browser: TorClient }
  /** Which relays the next contents say are CTRs. */
  list(daemons: readonly RelayDaemon[]): void
  /** As a browser does: one SFO of a new certificate, over three hops or more; whether the relay took it. */
  submit(relay: RelayDaemon, log: DevLog): Promise<boolean>
  /** The same at the relay's own listener, whatever Tor does; the status of the reply. */
  submitNearby(relay: RelayDaemon, log: DevLog): Promise<number>
  close(): Promise<void>
}

export async function startSystem(progress: (line: string) => void): Promise<System> {
  const closers: (() => unknown)[] = []
  const close = async () => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer()
  }
  try {
    return await open(closers, close, progress)
  } catch (error) {
    await close()
    throw error
  }
}

async function open(
  closers: (() => unknown)[],
  close: () => Promise<void>,
  progress: (line: string) => void,
): Promise<System> {
  const network = await startTorNetwork({ clients: 3, readyMs: 150 * second, progress })
  closers.push(() => network.close())
  const [forRelays, forAuditor, browser] = network.clients as [TorClient, TorClient, TorClient]
  const folder = join(network.folder, 'ctor')
  mkdirSync(folder)
  const consensus = await realConsensus(network)
  closers.push(() => consensus.close())
  const [atFirst, atSecond] = network.authorities as [TorAuthority, TorAuthority]
  const shared = {
    listen: { port: 0 },
    operations: { port: 0 },
    log: { level: 'silent' as const },
    client: { connectMs: 15 * second, requestMs: 20 * second },
    stopMs: 20 * second,
  }

  const startLog = async () => {
    const log = await startDevLog({ mmd, mergeDelay: 0, sthInterval: second })
    closers.push(() => log.close())
    return log
  }
  const logs = { honest: await startLog(), withholding: await startLog() }
  logs.withholding.setFault({ kind: 'withhold' })

  await writeKey(join(folder, 'auditor.key'), generateKey())
  const auditor = await startAuditor(
    auditorSchema.parse({
      ...shared,
      tor: consensus.readerAt(atSecond),
      key: { path: join(folder, 'auditor.key') },
      store: { path: join(folder, 'auditor.sqlite') },
      alerts: { path: join(folder, 'alerts.jsonl') },
      onion: { kind: 'tor' },
      control: forAuditor.control,
      socks: forAuditor.socks,
      timing: { startMs: 0, graceMs: 6 * second, roundIntervalMs: 2 * second, roundDeadlineMs: 60 * second },
    }),
  )
  closers.push(() => auditor.stop())
  progress(`the auditor is ${auditor.onionUrl}`)

  const relay = async (n: number, key: object, listener: boolean, directory: TorAuthority | TorClient) => {
    const daemon = await startRelay(
      relaySchema.parse({
        ...shared,
        tor: consensus.readerAt(directory),
        proofs: { port: 0 },
        key,
        onion: { kind: 'tor', listener },
        control: forRelays.control,
        socks: forRelays.socks,
        n: 1,
        k: 1,
        timing: {
          waitMs: 2 * second,
          roundDeadlineMs: 120 * second,
          submitMs: 15 * second,
          publishMs: 60 * second,
          reportMs: 20 * second,
          consensusRetryMs: second,
        },
      }),
      { limits: { reportRetry: { attempts: 30, minDelayMs: second, maxDelayMs: 3 * second } } },
    )
    closers.push(() => daemon.stop())
    progress(`relay ${n} is ${daemon.onionUrl ?? daemon.url}`)
    return daemon
  }
  const [first = '', other = ''] = network.relays.map((node) => join(node.folder, 'keys'))
  const relays = [
    await relay(1, { torKeys: first }, true, atFirst),
    await relay(2, await delegated(folder, other), false, forRelays),
  ] as const

  const all = [logs.honest, logs.withholding]
  const { auditorId, key, onionUrl } = auditor
  let flagged: readonly RelayDaemon[] = relays
  consensus.start(() =>
    linesOf({
      logs: all.map(({ log }) => log),
      sths: all.map((log) => log.publish()),
      ctrs: flagged.map(({ ctrId, url, onionUrl }) => ({ ctrId, url: onionUrl ?? url, family: [] })),
      auditors: [{ auditorId, key, url: onionUrl ?? '' }],
    }),
  )

  const ca: Ca = await createCa({ keyType: 'p-256', intermediates: 0 })
  const newSfo = async (log: DevLog) => {
    const { sfo } = await ca.issue({ log, delivery: 'tls' })
    return encodeSfoBody([sfo])
  }
  let submissions = 0
  return {
    network,
    logs,
    relays,
    auditor,
    tor: { relays: forRelays, auditor: forAuditor, browser },
    list(daemons) {
      flagged = daemons
    },
    async submit(target, log) {
      const body = await newSfo(log)
      const agents = agentPool(limits, browser.socks)
      const peers = httpPeerClient(agents, resolveTorOnion)
      const url = target.onionUrl ?? target.url
      const answer = await peers.submitSfo(url, body, 0, `browser-${submissions++}`, never)
      await agents.close()
      return answer.kind === 'ok'
    },
    async submitNearby({ url }, log) {
      const headers = { 'content-type': 'application/json' }
      const body = Buffer.from(await newSfo(log))
      return (await fetch(`${url}${sctFeedbackPath}`, { method: 'POST', headers, body })).status
    },
    close,
  }
}

/** A key of the daemon's own, to which the relay's signing key has delegated. */
async function delegated(folder: string, torKeys: string) {
  const own = generateKey()
  const [path, delegation] = [join(folder, 'relay.key'), join(folder, 'delegation')]
  await writeKey(path, own)
  const signing = readRelaySigningKey(nodeCrypto(), torKeys, Date.now())
  if (!signing.ok) throw new Error(signing.detail)
  await writeDelegation(delegation, delegate(signing.value, own.publicKey, Date.now() + 3_600_000))
  return { path, delegation }
}

/** As the consensus file has them. */
function linesOf(lists: Pick<TestConsensus, 'logs' | 'sths' | 'ctrs' | 'auditors'>): readonly string[] {
  const times = { validAfter: 0, freshUntil: 0, validUntil: 0 }
  const body = encodeConsensusBody({ ...lists, ...times, params: {}, torConsensus: null })
  return body.split('\n').filter((line) => /^(?:log|sth|ctr|auditor) /.test(line))
}
