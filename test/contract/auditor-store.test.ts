// Both AuditorStores under the contract of their port.
import { memoryAuditorStore } from '../../src/adapters/node/store/memory-auditor-store.ts'
import { sqliteAuditorStore } from '../../src/adapters/node/store/sqlite-auditor-store.ts'
import { auditorStoreSuite } from './suites/auditor-store.ts'
import { temporaryFolder } from './suites/temporary-folder.ts'

const newPath = temporaryFolder()

auditorStoreSuite('memory auditor store', { make: memoryAuditorStore })
auditorStoreSuite('sqlite auditor store', { make: (options) => sqliteAuditorStore({ ...options, path: newPath() }) })
auditorStoreSuite('sqlite auditor store whose keys move at once', {
  make: (options) => sqliteAuditorStore({ ...options, path: newPath(), stagedSfos: 2, stagedEntries: 2 }),
})
