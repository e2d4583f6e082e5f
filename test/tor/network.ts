// A private network of real `tor` processes on loopback: three authorities, three exit relays, clients. Invariant: it takes its ports
// from the kernel and its folder from the system, nothing can leave loopback, and nothing outlives this process.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { holdPorts, makeAuthorityKeys, makeServerKeys, releasePorts, type TorNode, torNode } from './processes.ts'

export interface TorClient extends TorNode {
  readonly socks: { readonly host: '127.0.0.1'; readonly port: number }
  readonly control: { readonly host: '127.0.0.1'; readonly port: number }
}

export interface TorAuthority extends TorNode {
  readonly dirPort: number
  /** Of its identity key, 40 hex digits. */
  readonly v3ident: string
}

export interface TorNetwork {
  readonly folder: string
  readonly authorities: readonly TorAuthority[]
  readonly relays: readonly TorNode[]
  readonly clients: readonly TorClient[]
  /** The consensus that an authority serves, or null. */
  consensus(authority: TorAuthority, flavour?: 'ns' | 'microdesc'): Promise<string | null>
  close(): Promise<void>
}

const prefix = 'ctor-tor-'
const initialVotingMs = 8_000
const bandwidth = 10_000

const authorityLines = [
  'AuthoritativeDirectory 1',
  'V3AuthoritativeDirectory 1',
  'ContactInfo test@test.invalid',
  'TestingV3AuthInitialVotingInterval 8',
  'TestingV3AuthInitialVoteDelay 2',
  'TestingV3AuthInitialDistDelay 2',
  'V3AuthVotingInterval 10',
  'V3AuthVoteDelay 2',
  'V3AuthDistDelay 2',
  'V3AuthNIntervalsValid 3',
  'TestingAuthDirTimeToLearnReachability 0',
  'TestingDirAuthVoteExit *',
  'TestingDirAuthVoteHSDir *',
  'TestingDirAuthVoteGuardIsStrict 1',
  'TestingMinExitFlagThreshold 0',
  'TestingMinFastFlagThreshold 0',
  'MinUptimeHidServDirectoryV2 0',
  'ExitPolicy reject *:*',
]

const exitLines = [
  'ExitRelay 1',
  'ExitPolicyRejectPrivate 0',
  'ExitPolicyRejectLocalInterfaces 0',
  'ExitPolicy accept *:*',
  'ServerDNSDetectHijacking 0',
  'ServerDNSAllowBrokenConfig 1',
  'TestingServerConsensusDownloadInitialDelay 8',
]

export interface NetworkOptions {
  readonly clients: number
  readonly readyMs: number
  readonly progress: (line: string) => void
}

/** @throws Error with the nodes' logs where it is not ready in time; then nothing is left. */
export async function startTorNetwork({
  clients: clientCount,
  readyMs,
  progress,
}: NetworkOptions): Promise<TorNetwork> {
  const deadline = Date.now() + readyMs
  sweep()
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
  const nodes: TorNode[] = []
  const onExit = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', onExit)
  const close = async () => {
    await Promise.all([releasePorts(), ...nodes.map((node) => node.kill())])
    process.off('exit', onExit)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const plan = await planNetwork(folder, clientCount)
    nodes.push(...plan.authorities, ...plan.relays, ...plan.clients)
    progress('keys are made')
    await untilBoundary()
    await releasePorts()
    for (const node of plan.authorities) node.start()
    for (const node of plan.relays) node.start()
    const servers = plan.authorities.length + plan.relays.length
    await until('every authority lists all servers as running', deadline, async () => {
      const documents = await Promise.all(plan.authorities.map((authority) => fetchConsensus(authority, 'microdesc')))
      return documents.every((document) => runningIn(document) === servers)
    })
    progress('the consensus lists every server')
    for (const node of plan.clients) node.start()
    await until('every client has bootstrapped', deadline, async () =>
      plan.clients.every((client) => client.log().includes('Bootstrapped 100%')),
    )
    progress('the clients have bootstrapped')
    return {
      folder,
      ...plan,
      consensus: (authority, flavour = 'microdesc') => fetchConsensus(authority, flavour),
      close,
    }
  } catch (error) {
    const logs = nodes.map((node) => `--- ${node.name}\n${node.log().slice(-1_000)}`).join('\n')
    await close()
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${logs}`)
  }
}

/** Keys, ports and configurations of all nodes; none is started. */
async function planNetwork(folder: string, clientCount: number) {
  const make = (name: string) => {
    const path = join(folder, name)
    mkdirSync(path, { mode: 0o700 })
    return { name, path }
  }
  const authorities = await Promise.all(
    ['auth1', 'auth2', 'auth3'].map(async (name) => {
      const { path } = make(name)
      const [orPort = 0, dirPort = 0] = await holdPorts(2)
      const v3ident = await makeAuthorityKeys(path, dirPort)
      return { name, path, orPort, dirPort, v3ident, fingerprint: await serverKeys(path, name, orPort) }
    }),
  )
  const relays = await Promise.all(
    ['relay1', 'relay2', 'relay3'].map(async (name) => {
      const { path } = make(name)
      const [orPort = 0] = await holdPorts(1)
      return { name, path, orPort, fingerprint: await serverKeys(path, name, orPort) }
    }),
  )
  const clients = await Promise.all(
    Array.from({ length: clientCount }, async (_, i) => {
      const [socks = 0, control = 0] = await holdPorts(2)
      return { ...make(`client${i + 1}`), socks, control }
    }),
  )
  const network = authorities.map(
    ({ name, orPort, dirPort, v3ident, fingerprint }) =>
      `DirAuthority ${name} orport=${orPort} no-v2 v3ident=${v3ident} 127.0.0.1:${dirPort} ${fingerprint}`,
  )
  const bandwidths = join(folder, 'bandwidths')
  writeBandwidths(bandwidths, [...authorities, ...relays])
  const guards = authorities.map(({ fingerprint }) => fingerprint).join(',')
  const votes = [`V3BandwidthsFile ${bandwidths}`, `TestingDirAuthVoteGuard ${guards}`]
  return {
    authorities: authorities.map(({ name, path, orPort, dirPort, v3ident }): TorAuthority => {
      const own = [...server(name, orPort), `DirPort 127.0.0.1:${dirPort}`, ...authorityLines, ...votes]
      return { ...torNode(path, name, [...network, ...own]), dirPort, v3ident }
    }),
    relays: relays.map(({ name, path, orPort }) =>
      torNode(path, name, [...network, ...server(name, orPort), ...exitLines]),
    ),
    clients: clients.map(({ name, path, socks, control }): TorClient => {
      const node = torNode(path, name, [...network, ...clientLines(socks, control)])
      const host = '127.0.0.1' as const
      return { ...node, socks: { host, port: socks }, control: { host, port: control } }
    }),
  }
}

function server(name: string, orPort: number): readonly string[] {
  return [`Nickname ${name}`, 'Address 127.0.0.1', `ORPort 127.0.0.1:${orPort}`, 'SocksPort 0']
}

function clientLines(socks: number, control: number): readonly string[] {
  return [
    `SocksPort 127.0.0.1:${socks} IsolateSOCKSAuth ExtendedErrors`,
    `ControlPort 127.0.0.1:${control}`,
    'CookieAuthentication 1',
    'ClientRejectInternalAddresses 0',
    'ClientDNSRejectInternalAddresses 0',
    'ORPort 0',
    'DirCache 0',
  ]
}

function serverKeys(path: string, name: string, orPort: number): Promise<string> {
  // `--list-fingerprint` wants a configuration that could run; these authorities are nobody's.
  return makeServerKeys(path, [...server(name, orPort), 'AssumeReachable 1', 'ExitRelay 0'])
}

/** The same for every server: else the weighted choice degenerates to one node. */
function writeBandwidths(file: string, servers: readonly { readonly fingerprint: string }[]): void {
  const lines = servers.map(({ fingerprint }) => `node_id=$${fingerprint} bw=${bandwidth}\n`)
  writeFileSync(file, `${Math.floor(Date.now() / 1000)}\n${lines.join('')}`)
}

async function fetchConsensus({ dirPort }: TorAuthority, flavour: 'ns' | 'microdesc'): Promise<string | null> {
  const name = flavour === 'ns' ? 'consensus' : 'consensus-microdesc'
  try {
    const answer = await fetch(`http://127.0.0.1:${dirPort}/tor/status-vote/current/${name}`, {
      signal: AbortSignal.timeout(5_000),
    })
    return answer.ok ? await answer.text() : null
  } catch {
    return null
  }
}

function runningIn(document: string | null): number {
  return document?.match(/^s .*\bRunning\b/gm)?.length ?? 0
}

/** An authority that starts past its vote instant votes at once, before any relay has uploaded a descriptor. */
async function untilBoundary(): Promise<void> {
  const past = Date.now() % initialVotingMs
  if (past > 1_000) await pause(initialVotingMs - past)
}

export async function until(what: string, deadline: number, holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`)
    await pause(200)
  }
}

/** Folders of test runs that were killed. */
export function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = Number(/^ctor-tor-(\d+)-/.exec(name)?.[1] ?? Number.NaN)
    if (Number.isNaN(owner) || isAlive(owner)) continue
    rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
