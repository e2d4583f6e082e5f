// What one `sfo` event costs the relay machine, and whether that grows with what the relay holds [RELAY-021, RELAY-111].
// Rounds are interleaved in one process and the median is taken: on a shared machine only ratios within a run mean anything.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { State } from '../src/machines/kernel/machine.ts'
import { step } from '../src/machines/kernel/step.ts'
import { initialRelay } from '../src/machines/relay/initial.ts'
import { relayMachine } from '../src/machines/relay/machine.ts'
import { type ProfileName, relayConfig } from '../src/machines/relay/profiles.ts'
import { receiveSfo } from '../src/machines/relay/receive.ts'
import type { RelayContext, RelayEvent } from '../src/machines/relay/types.ts'

type Received = Extract<RelayEvent, { type: 'sfo' }>

const hash = (text: string) => bytesToHex(sha256(utf8ToBytes(text)))

/** A stream of SFOs, all different, with the same draws in every run. */
function sfos(from: number, count: number): readonly Received[] {
  return Array.from({ length: count }, (_, i) => {
    const id = from + i
    const logId = hash(`log ${id % 60}`)
    const draw = Array.from({ length: 16 }, (_, d) => Number.parseInt(hash(`${id} ${d}`).slice(0, 8), 16))
    const sfo = {
      sfoId: hash(`sfo ${id}`),
      leafId: `${logId}:${hash(`leaf ${id}`)}`,
      logId,
      sctTimestamp: 1e12,
      hops: 0,
    }
    return { type: 'sfo', at: 1e12, sfo, draw }
  })
}

function holding(profile: ProfileName, count: number): State<RelayContext> {
  const config = relayConfig({ self: 'ff', bucketCapacity: 2 ** 20 }, profile)
  if (!config.ok) throw new Error(config.detail)
  let state = initialRelay(config.value)
  for (let from = 0; state.context.held.size < count; from += 1000)
    for (const event of sfos(from, Math.min(1000, count - state.context.held.size)))
      state = step(relayMachine, state, event).state
  return state
}

/** Microseconds an event: each of the batch is offered to the same state, as a test of the state's size alone. */
function cost(batch: readonly Received[], take: (event: Received) => unknown): number {
  const begin = process.hrtime.bigint()
  for (const event of batch) take(event)
  return Number(process.hrtime.bigint() - begin) / 1000 / batch.length
}

const median = (costs: readonly number[]) => costs.toSorted((a, b) => a - b)[Math.floor(costs.length / 2)] ?? Number.NaN

export async function bench(): Promise<void> {
  const sizes = [1_000, 100_000] as const
  for (const profile of ['seed', 'hardened'] as const) {
    const states = sizes.map((count) => holding(profile, count))
    const whole = sizes.map((): number[] => [])
    const pure = sizes.map((): number[] => [])
    const batches = Array.from({ length: 10 }, (_, i) => sfos(10_000_000 + i * 200, 200))
    for (let round = 0; round < 200; round++) {
      states.forEach((state, i) => {
        const batch = batches[round % batches.length] ?? []
        whole[i]?.push(cost(batch, (event) => step(relayMachine, state, event)))
        pure[i]?.push(cost(batch, (event) => receiveSfo(state.context, event)))
      })
    }
    const [small = Number.NaN, large = Number.NaN] = whole.map(median)
    const [smallPure = Number.NaN, largePure = Number.NaN] = pure.map(median)
    console.log(`${profile}: sfo event ${small.toFixed(2)} us at 1,000 held, ${large.toFixed(2)} us at 100,000 held`)
    console.log(`${profile}: ratio ${(large / small).toFixed(2)} (wanted at most 1.5)`)
    console.log(`${profile}: of it the pure function ${smallPure.toFixed(2)} us and ${largePure.toFixed(2)} us`)
  }
}

if (import.meta.main) await bench()
