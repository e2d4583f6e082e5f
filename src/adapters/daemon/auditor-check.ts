// What `ctor auditor --check` tries. Invariant: as in `setup-check.ts`; a store is opened and read whole, and stays of the version that it is.
import { constants, existsSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import { toHex } from '../../machines/ct/bytes.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { readKey } from '../node/ctr-key.ts'
import { schemaVersion } from '../node/store/schema.ts'
import type { AuditorDaemonConfig } from './auditor-config.ts'
import {
  bad,
  type Check,
  type CheckLine,
  checkFreePort,
  checkSecretFile,
  checkWritableFile,
  good,
  runChecks,
  sharedChecks,
} from './setup-check.ts'

export function checkAuditor(config: AuditorDaemonConfig): Promise<readonly CheckLine[]> {
  const { key, store, alerts, canary, listen, operations } = config
  return runChecks({
    identity: () => checkIdentity(key.path),
    'key file': () => checkSecretFile(key.path),
    ...sharedChecks(config, nodeCrypto()),
    store: () => checkStore(store.path),
    alerts: () => checkWritableFile(alerts.path),
    canary: canary === undefined ? null : () => checkSecretFile(canary.key),
    listen: () => checkFreePort(listen),
    operations: () => checkFreePort({ host: '127.0.0.1', ...operations }),
  })
}

async function checkIdentity(path: string): Promise<Check> {
  const key = await readKey(path)
  return key.ok ? good(`auditor key ${toHex(key.value.publicKey)}`) : bad(key.detail)
}

/** What the store's own opening would say at the start, and whether the file is whole, which opening does not ask. */
async function checkStore(path: string): Promise<Check> {
  const place = await checkWritableFile(path)
  await access(dirname(path), constants.W_OK)
  if (!existsSync(path)) return place
  const { inspectStore } = await import('../node/store/inspect.ts')
  const { version, fault } = inspectStore(path)
  if (fault !== null) return bad(`${path}: damaged: ${fault}`)
  if (version === 0) return good(`${path} is empty`)
  const renewed = version === schemaVersion ? '' : `, which the start makes version ${schemaVersion}`
  return good(`${path} is whole, of schema version ${version}${renewed}`)
}
