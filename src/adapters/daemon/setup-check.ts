// `--check`: tries what a daemon needs of its machine, tor and network, one line each [README, "You operate"]. Invariant: nothing is started
// that stays, nothing is written but a file that is removed again, and no secret is printed.
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { dirname } from 'node:path'
import type { Crypto } from '../../machines/ct/types.ts'
import { systemClock } from '../node/clock.ts'
import { openControl } from '../node/tor/control.ts'
import { consensusSourceOf } from './consensus-source.ts'
import { opened } from './life.ts'
import type { SharedConfig } from './shared-config.ts'

export interface CheckLine {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

export type Check = Omit<CheckLine, 'name'>

export const good = (detail: string): Check => ({ ok: true, detail })
export const bad = (detail: string): Check => ({ ok: false, detail })

const consensusMs = 60_000
const connectMs = 5_000

/** Runs in order; a check that throws has failed. */
export async function runChecks(
  checks: Readonly<Record<string, (() => Promise<Check>) | null>>,
): Promise<readonly CheckLine[]> {
  const lines: CheckLine[] = []
  for (const [name, check] of Object.entries(checks)) {
    if (check === null) continue
    const result = await check().catch((error: Error) => bad(error.message))
    lines.push({ name, ...result })
  }
  return lines
}

/** What relay and auditor have in common. */
export function sharedChecks(config: SharedConfig, crypto: Crypto) {
  const { socks, control, tor } = config
  const direct = async () => bad('not configured: connections are direct, and names are resolved here')
  const withoutSocks = tor === undefined ? null : direct
  return {
    consensus: () => checkConsensus(config, crypto),
    socks: socks === undefined ? withoutSocks : () => checkSocks(socks),
    control: control === undefined ? null : () => checkControl(control),
  }
}

/** Secrets are their owner's alone. */
export async function checkSecretFile(path: string): Promise<Check> {
  const { mode } = await stat(path)
  const open = mode & 0o077
  return open === 0 ? good(path) : bad(`${path} can be read by others (mode ${(mode & 0o777).toString(8)}), wanted 600`)
}

export async function checkWritableFile(path: string): Promise<Check> {
  const exists = await access(path).then(
    () => true,
    () => false,
  )
  const place = exists ? path : dirname(path)
  await access(place, constants.R_OK | constants.W_OK)
  return good(exists ? path : `${path} can be made`)
}

export function checkFreePort({ host, port }: { readonly host: string; readonly port: number }): Promise<Check> {
  const at = `${host}:${port}`
  if (port === 0) return Promise.resolve(good(`${host}, a port that the kernel chooses`))
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(bad(`${at} cannot be bound: ${error.code}`)))
    server.listen(port, host, () => server.close(() => resolve(good(`${at} is free`))))
  })
}

async function checkConsensus(config: SharedConfig, crypto: Crypto): Promise<Check> {
  const open = opened()
  try {
    const source = consensusSourceOf(open, config, { crypto, clock: systemClock })
    const answer = await source.newer(null, AbortSignal.timeout(consensusMs))
    if (!answer.ok) return bad(`${answer.error}: ${answer.detail}`)
    if (answer.value === null) return bad('the source answered nothing')
    const { logs, ctrs, auditors, validUntil } = answer.value
    const lists = `${logs.length} logs, ${ctrs.length} CTRs, ${auditors.length} auditors`
    return good(`${lists}; live until ${new Date(validUntil).toISOString()} by this clock`)
  } finally {
    await open.close()
  }
}

/** The greeting that every SOCKS5 server with user and password answers [RFC 1928, 1929]. */
function checkSocks({ host, port }: { readonly host: string; readonly port: number }): Promise<Check> {
  const at = `${host}:${port}`
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (check: Check) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(check)
    }
    const timer = setTimeout(() => end(bad(`${at} does not answer`)), connectMs)
    socket.once('error', (error: NodeJS.ErrnoException) => end(bad(`${at}: ${error.code}`)))
    socket.once('close', () => end(bad(`${at} closed the connection`)))
    socket.once('connect', () => socket.write(Buffer.from([5, 1, 2])))
    socket.once('data', (answer) => {
      const takes = answer.length === 2 && answer[0] === 5 && answer[1] === 2
      end(takes ? good(`${at} takes isolation by user and password`) : bad(`${at} is no SOCKS port that takes a user`))
    })
  })
}

async function checkControl(control: NonNullable<SharedConfig['control']>): Promise<Check> {
  const at = `${control.host}:${control.port}`
  const connection = await openControl(control)
  if (!connection.ok) return bad(`${at}: ${connection.error}: ${connection.detail}`)
  connection.value.close()
  return good(`${at} takes this daemon's authentication`)
}
