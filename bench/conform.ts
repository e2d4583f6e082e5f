// How many L1 steps a second go through the pipe, encoded, run, projected, decoded and compared [spec/conformance.md].
import { fileURLToPath } from 'node:url'
import { localSut } from '../src/adapters/conform/local-sut.ts'
import { ownSut } from '../src/adapters/conform/own-sut.ts'
import { runVectors } from '../src/adapters/conform/runner.ts'
import { summarize } from '../src/adapters/conform/summary.ts'
import { spawnSut } from '../src/adapters/conform/sut-process.ts'
import { runTrace } from '../src/adapters/conform/trace.ts'
import type { Vector } from '../src/adapters/conform/vectors.ts'

const ctor = fileURLToPath(new URL('../bin/ctor.js', import.meta.url))
const stepsEach = 12
const vectorCount = 1000

const hex = (text: string, at: number) => `${text}${at.toString(16)}`.padStart(64, '0')

/** A relay of the hardened profile that takes SFOs of two logs and then runs a round to its deadline. */
function vectorOf(at: number): Vector {
  const logId = (i: number) => hex('a', i % 2)
  const draw = Array.from({ length: 16 }, (_, i) => String((i * 2_654_435_761 + at) % 2 ** 32))
  const sfos = Array.from({ length: stepsEach - 2 }, (_, i) => {
    const sfo = {
      sfoId: hex('1', i),
      leafId: `${logId(i)}:${hex('2', i)}`,
      logId: logId(i),
      sctTimestamp: '5',
      hops: '0',
    }
    return { type: 'sfo', at: String(100 + i), sfo, draw }
  })
  const events = [...sfos, { type: 'waited', at: '900', draw }, { type: 'deadline', at: '999', round: '1' }]
  const config = { policy: { notDue: 'challenge' } }
  const { machines } = ownSut()
  const trace = runTrace(machines, { machine: 'relay', preset: 'hardened', config, events })
  if (!trace.ok) throw new Error(trace.detail)
  const steps = events.map((event, i) => ({ event, expect: trace.value[i] as never }))
  const about = { since: '0', reqs: ['RELAY-111'], requires: [], flags: [], comment: '', provenance: '' }
  return { id: `bench-${at}`, level: 'L1', machine: 'relay', preset: 'hardened', config, steps, ...about }
}

export async function bench(): Promise<void> {
  const vectors = Array.from({ length: vectorCount }, (_, at) => vectorOf(at))
  const common = { vectors, known: new Set<string>(), timeoutMs: 60_000 }
  const ways = {
    'in this process': () => localSut(ownSut()),
    'through the pipe': () => spawnSut([process.execPath, ctor, 'sut']),
  }
  for (const [way, start] of Object.entries(ways)) {
    const run = await runVectors({ ...common, start })
    const ms = run.outcomes.reduce((sum, outcome) => sum + outcome.ms, 0)
    const { exitCode } = summarize(run)
    const rate = (vectorCount * stepsEach * 1000) / ms
    console.log(`${way}: ${rate.toFixed(0)} L1 steps/s, ${vectorCount} vectors, exit status ${exitCode}`)
  }
  console.log('wanted through the pipe: at least 3,000')
}

if (import.meta.main) await bench()
