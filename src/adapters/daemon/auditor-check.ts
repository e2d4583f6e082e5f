// What `ctor auditor --check` tries. Invariant: as in `setup-check.ts`; the store is not opened, since an auditor may run on it.
import { toHex } from '../../machines/ct/bytes.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { readKey } from '../node/ctr-key.ts'
import type { AuditorDaemonConfig } from './auditor-config.ts'
import {
  type CheckLine,
  checkFreePort,
  checkSecretFile,
  checkWritableFile,
  runChecks,
  sharedChecks,
} from './setup-check.ts'

export function checkAuditor(config: AuditorDaemonConfig): Promise<readonly CheckLine[]> {
  const { key, store, alerts, canary, listen, operations } = config
  return runChecks({
    identity: () => checkIdentity(key.path),
    'key file': () => checkSecretFile(key.path),
    ...sharedChecks(config, nodeCrypto()),
    store: () => checkWritableFile(store.path),
    alerts: () => checkWritableFile(alerts.path),
    canary: canary === undefined ? null : () => checkSecretFile(canary.key),
    listen: () => checkFreePort(listen),
    operations: () => checkFreePort({ host: '127.0.0.1', ...operations }),
  })
}

async function checkIdentity(path: string) {
  const key = await readKey(path)
  return key.ok ? { ok: true, detail: `auditor key ${toHex(key.value.publicKey)}` } : { ok: false, detail: key.detail }
}
