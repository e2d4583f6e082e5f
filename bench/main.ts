// `npm run bench [name ...]`: speed and size, as ratios within one run, since machines are shared and noisy. No assertions.
import { bench as auditorStep } from './auditor-step.ts'
import { bench as conform } from './conform.ts'
import { bench as consensus } from './consensus.ts'
import { bench as http } from './http.ts'
import { bench as peer } from './peer.ts'
import { bench as relayStep } from './relay-step.ts'
import { bench as sfo } from './sfo.ts'
import { bench as signatures } from './signatures.ts'
import { bench as store } from './store.ts'

const benches = {
  sfo,
  signatures,
  'relay-step': relayStep,
  'auditor-step': auditorStep,
  store,
  http,
  conform,
  consensus,
  peer,
} as const

const names = process.argv.slice(2)
for (const name of names) {
  if (!(name in benches)) {
    console.error(`bench: given ${name}, wanted one of ${Object.keys(benches).join(', ')}`)
    process.exit(2)
  }
}
for (const [name, bench] of Object.entries(benches)) {
  if (names.length > 0 && !names.includes(name)) continue
  console.log(`\n== ${name}`)
  await bench()
}
