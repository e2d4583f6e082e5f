// Our verification against the peer's, certificate-transparency-go and transparency-dev/merkle, on the same valid SFOs and inclusion
// proofs, each on one core, in turn within one run: the ratios are what counts. It needs the Go toolchain.
import { nodeCrypto } from '../src/adapters/node/crypto.ts'
import { entryOf } from '../src/machines/ct/entry.ts'
import { encodeLeaf } from '../src/machines/ct/leaf.ts'
import { verifyInclusion } from '../src/machines/ct/merkle.ts'
import { decodeSfoBody } from '../src/machines/ct/sfo.ts'
import { sctSigned } from '../src/machines/ct/validate.ts'
import { logOf, ownVerdict, type PeerCase, peerRates } from '../test/interop/peer.ts'
import { inclusionCases, sfoCases } from '../test/interop/peer-cases.ts'

const rounds = 5
const seconds = 2

export async function bench(): Promise<void> {
  const crypto = nodeCrypto()
  const all: readonly PeerCase[] = [...(await sfoCases(1, 1)), ...inclusionCases(1, 200)]
  const valid = all.filter((one) => ownVerdict(crypto, one).verdict === 'valid')
  const ours = { sfo: sctTasks(crypto, valid), inclusion: inclusionTasks(crypto, valid) }
  console.log(
    `${ours.sfo.length} SFOs, ${ours.inclusion.length} proofs, ${rounds} rounds of ${seconds} s a kind and side`,
  )
  const ratios: Record<PeerCase['kind'], number[]> = { sfo: [], inclusion: [] }
  for (let round = 0; round < rounds; round++) {
    const theirs = peerRates(valid, seconds)
    for (const kind of ['sfo', 'inclusion'] as const) {
      const own = rateOf(ours[kind])
      ratios[kind].push(own / theirs[kind])
      console.log(`${names[kind]}: ours ${own.toFixed(0)}/s, peer ${theirs[kind].toFixed(0)}/s`)
    }
  }
  for (const kind of ['sfo', 'inclusion'] as const) {
    const sorted = ratios[kind].toSorted((a, b) => a - b)
    console.log(
      `${names[kind]}: ours over peer, median ${sorted[Math.floor(rounds / 2)]?.toFixed(2)}, worst ${sorted[0]?.toFixed(2)}`,
    )
  }
}

const names = { sfo: 'JSON to verified SCT', inclusion: 'inclusion proof' } as const

type Task = () => boolean

function sctTasks(crypto: ReturnType<typeof nodeCrypto>, cases: readonly PeerCase[]): readonly Task[] {
  return cases.flatMap((one) => {
    if (one.kind !== 'sfo') return []
    const log = logOf(crypto, one.key)
    const body = Buffer.from(one.body)
    return [
      () => {
        const list = decodeSfoBody(body, 1)
        const first = list.ok ? list.value[0] : list
        if (!first?.ok) return false
        const entry = entryOf(crypto, first.value)
        const { sct } = first.value
        return entry.ok && sctSigned(crypto, log, sct, encodeLeaf(entry.value, sct.timestamp, sct.extensions))
      },
    ]
  })
}

function inclusionTasks(crypto: ReturnType<typeof nodeCrypto>, cases: readonly PeerCase[]): readonly Task[] {
  return cases.flatMap((one) => (one.kind === 'inclusion' ? [() => verifyInclusion(crypto, one).ok] : []))
}

function rateOf(tasks: readonly Task[]): number {
  const began = performance.now()
  let done = 0
  while (performance.now() - began < seconds * 1000)
    for (const task of tasks) {
      if (!task()) throw new Error('a case of the benchmark failed')
      done++
    }
  return (done / (performance.now() - began)) * 1000
}

if (import.meta.main) await bench()
