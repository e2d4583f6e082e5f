// Demo: a whole CTor network on loopback: three development logs, eight CTRs, an auditor, and a consensus that is signed anew.
// Invariant: relays and auditor are the daemons that operators run, started by the same functions and the same configuration.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHex } from '../../machines/ct/bytes.ts'
import type { Sth } from '../../machines/ct/types.ts'
import { type AuditorDaemon, startAuditor } from '../daemon/auditor.ts'
import { auditorSchema } from '../daemon/auditor-config.ts'
import { type RelayDaemon, startRelay } from '../daemon/relay.ts'
import { relaySchema } from '../daemon/relay-config.ts'
import { newAuthority, writeConsensus } from '../dev-log/consensus.ts'
import { type DevLog, startDevLog } from '../dev-log/server.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { ctrIdOf, generateKey, writeKey } from '../node/ctr-key.ts'

export const logNames = ['honest', 'withholding', 'late'] as const
export type LogName = (typeof logNames)[number]

/** Scaled down, in milliseconds: a deployment counts in hours. */
export const scale = {
  mmd: 3000,
  /** Merging after the MMD, by this much. */
  lateBy: 2500,
  mergeDelay: 500,
  sthInterval: 400,
  consensusInterval: 1500,
  waitMs: 1000,
  roundDeadlineMs: 6000,
  graceMs: 9000,
  /** A report that is refused, say by an auditor that has not read the relay's consensus yet, comes again within 2 s. */
  reportRetryMs: 100,
} as const

export interface Network {
  readonly logs: Readonly<Record<LogName, DevLog>>
  readonly relays: readonly RelayDaemon[]
  readonly auditor: AuditorDaemon
  stop(): Promise<void>
}

export async function startNetwork(relayCount: number): Promise<Network> {
  const folder = await mkdtemp(join(tmpdir(), 'ctor-demo-'))
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const stop = async () => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close()
  }
  try {
    const logs = await startLogs()
    for (const log of Object.values(logs)) closers.push(() => log.close())
    const parties = await configure(folder, relayCount)
    const auditor = await startAuditor(parties.auditor)
    closers.push(() => auditor.stop())
    const relays = await Promise.all(parties.relays.map((config) => startRelay(config)))
    for (const relay of relays) closers.push(() => relay.stop())
    closers.push(await publishConsensus(parties, logs, relays, auditor))
    return { logs, relays, auditor, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startLogs(): Promise<Record<LogName, DevLog>> {
  const { mmd, mergeDelay, sthInterval } = scale
  const [honest, withholding, late] = await Promise.all(
    logNames.map((name) =>
      startDevLog({
        mmd,
        mergeDelay,
        sthInterval,
        keyType: name === 'late' ? 'rsa-2048' : 'p-256',
        staticCt: name === 'honest',
      }),
    ),
  )
  return { honest, withholding, late } as Record<LogName, DevLog>
}

type Parties = Awaited<ReturnType<typeof configure>>

/** Keys and configurations, with ports that the kernel chooses. */
async function configure(folder: string, relayCount: number) {
  const authorities = [newAuthority(), newAuthority(), newAuthority()]
  const consensus = { path: join(folder, 'consensus'), authorities: authorities.map(({ key }) => key) }
  const ports = { listen: { port: 0 }, operations: { port: 0 }, log: { level: 'silent' as const }, consensus }
  const keyFile = async (name: string) => {
    const path = join(folder, name)
    const key = generateKey()
    const written = await writeKey(path, key)
    if (!written.ok) throw new Error(written.detail)
    return { path, id: ctrIdOf(key) }
  }
  const { waitMs, roundDeadlineMs, graceMs, reportRetryMs } = scale
  const relays = await Promise.all(
    Array.from({ length: relayCount }, async (_, i) => {
      const { path } = await keyFile(`relay-${i + 1}.key`)
      const timing = { waitMs, roundDeadlineMs, consensusRetryMs: 300, reportRetryMs }
      return relaySchema.parse({ ...ports, proofs: { port: 0 }, key: { path }, onion: { kind: 'loopback' }, timing })
    }),
  )
  const { path, id } = await keyFile('auditor.key')
  const auditor = auditorSchema.parse({
    ...ports,
    key: { path },
    store: { path: join(folder, 'auditor.sqlite') },
    alerts: { path: join(folder, 'alerts.jsonl') },
    timing: { graceMs, roundIntervalMs: 1000, roundDeadlineMs: 10_000 },
  })
  return { authorities, consensusPath: consensus.path, relays, auditor, auditorKey: id }
}

/** Signs the first consensus, and a new one at every interval; answers what ends it. */
async function publishConsensus(
  { authorities, consensusPath, auditorKey }: Parties,
  logs: Network['logs'],
  relays: readonly RelayDaemon[],
  auditor: AuditorDaemon,
): Promise<() => Promise<void>> {
  const ctrs = relays.map(({ ctrId, url }) => ({ ctrId, url, family: [] }))
  const auditorId = toHex(nodeCrypto().sha256(Buffer.from(auditorKey, 'hex')))
  const auditors = [{ auditorId, key: auditorKey, url: auditor.url }]
  const publish = () => {
    const validAfter = Date.now()
    const sths: Sth[] = Object.values(logs).map((log) => log.publish())
    return writeConsensus({
      path: consensusPath,
      authorities,
      logs: Object.values(logs).map(({ log }) => log),
      sths,
      ctrs,
      auditors,
      validAfter,
      freshUntil: validAfter + scale.consensusInterval,
      validUntil: validAfter + 60_000,
    })
  }
  await publish()
  let publishing: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    publishing = publish()
  }, scale.consensusInterval)
  return async () => {
    clearInterval(timer)
    await publishing
  }
}
