// What `ctor relay --check` tries. Invariant: as in `setup-check.ts`.
import { systemClock } from '../node/clock.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { ctrIdentity } from '../node/ctr-identity.ts'
import type { RelayDaemonConfig } from './relay-config.ts'
import { type CheckLine, checkFreePort, checkSecretFile, runChecks, sharedChecks } from './setup-check.ts'

const crypto = nodeCrypto()

export function checkRelay(config: RelayDaemonConfig): Promise<readonly CheckLine[]> {
  const { key, listen, proofs, operations } = config
  const { path } = key
  return runChecks({
    identity: () => checkIdentity(config),
    'key file': path === undefined ? null : () => checkSecretFile(path),
    ...sharedChecks(config, crypto),
    listen: () => checkFreePort(listen),
    proofs: () => checkFreePort(proofs),
    operations: () => checkFreePort({ host: '127.0.0.1', ...operations }),
    swap: checkSwap,
  })
}

async function checkIdentity({ key }: RelayDaemonConfig) {
  const identity = await ctrIdentity(key, crypto, systemClock)
  if (!identity.ok) return { ok: false, detail: identity.detail }
  const { ctrId, expiresAt } = identity.value
  const until = expiresAt === null ? '' : `; renew it before ${new Date(expiresAt).toISOString()}`
  return { ok: true, detail: `CTR ${ctrId}${until}` }
}

/** Where a relay's memory may end up on a disk [RELAY-026]. */
async function checkSwap() {
  const { readFile } = await import('node:fs/promises')
  const status = await readFile('/proc/swaps', 'utf8').catch(() => '')
  const devices = status.trim().split('\n').slice(1)
  if (devices.length === 0) return { ok: true, detail: 'this machine has no swap' }
  const group = await readFile('/proc/self/cgroup', 'utf8').catch(() => '')
  const path = /^0::(.*)$/m.exec(group)?.[1] ?? ''
  const limit = await readFile(`/sys/fs/cgroup${path}/memory.swap.max`, 'utf8').catch(() => '')
  return limit.trim() === '0'
    ? { ok: true, detail: 'this process may not be swapped out' }
    : { ok: false, detail: 'this machine swaps: run the relay with MemorySwapMax=0, or turn swap off' }
}
