// SFOs and inclusion proofs, valid, mutated and odd, for certificate-transparency-go and for us. Invariant: the cases follow from the
// seed, but for the keys that sign them.
import { X509Certificate } from 'node:crypto'
import { createCa } from '../../src/adapters/dev-log/ca.ts'
import { startDevLog } from '../../src/adapters/dev-log/server.ts'
import { fromHex, toHex } from '../../src/machines/ct/bytes.ts'
import { encodeSctList } from '../../src/machines/ct/sct.ts'
import { noRealData, realJson } from '../data.ts'
import { hashLeaf, inclusionProof, treeOf } from '../properties/oracles/merkle-tree.ts'
import { pemOf } from './pem.ts'

export interface SfoCase {
  readonly id: string
  readonly kind: 'sfo'
  /** The log's key, base64 SPKI. */
  readonly key: string
  readonly body: string
}

export interface InclusionCase {
  readonly id: string
  readonly kind: 'inclusion'
  readonly leafHash: string
  readonly leafIndex: number
  readonly size: number
  readonly root: string
  readonly path: readonly string[]
}

/** mulberry32: the same cases in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

interface Base {
  readonly name: string
  readonly key: string
  readonly chain: readonly Uint8Array[]
  /** SerializedSCT. */
  readonly sct: Uint8Array
}

/** Of a real X.509 CA, with SCTs of logs with either key type, of both kinds. */
async function madeBases(): Promise<readonly Base[]> {
  const bases: Base[] = []
  const cas = await Promise.all(
    (['p-256', 'rsa-2048'] as const).flatMap((keyType) =>
      ([0, 1] as const).map((intermediates) => createCa({ keyType, intermediates })),
    ),
  )
  for (const options of [
    { keyType: 'p-256' },
    { keyType: 'rsa-2048' },
    { keyType: 'p-256', staticCt: true },
  ] as const) {
    const log = await startDevLog({ mmd: 1000, ...options })
    for (const [i, ca] of cas.entries())
      for (const delivery of ['embedded', 'tls'] as const) {
        const { chain, sct } = await ca.issue({ log, delivery })
        bases.push({ name: `${JSON.stringify(options)}, CA ${i}, ${delivery}`, key: log.log.key, chain, sct })
      }
    await log.close()
  }
  return bases
}

interface RealCase {
  readonly source: string
  readonly chain: readonly string[]
  readonly sct: string
  readonly log: { readonly key: string }
}

function realBases(): readonly Base[] {
  if (noRealData) return []
  return (realJson('sct-cases.json') as RealCase[]).map(({ source, chain, sct, log }, i) => ({
    name: `real ${i}: ${source}`,
    key: log.key,
    chain: chain.map(bytesOf),
    sct: bytesOf(sct),
  }))
}

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))

function otherKey(der: Uint8Array = new Uint8Array(), below: (limit: number) => number): Uint8Array {
  const key = new X509Certificate(der).publicKey.export({ type: 'spki', format: 'der' })
  const start = Buffer.from(der).indexOf(key)
  return new Uint8Array(Buffer.concat([der.subarray(0, start), flipped(key, below), der.subarray(start + key.length)]))
}

type Mutation = (base: Base, below: (limit: number) => number, other: Base) => Base

/** One bit of a byte string is another. */
function flipped(bytes: Uint8Array, below: (limit: number) => number): Uint8Array {
  const at = below(bytes.length)
  return bytes.map((byte, i) => (i === at ? byte ^ (1 << below(8)) : byte))
}

const at = (base: Base, index: number, certificate: Uint8Array): Base => ({
  ...base,
  chain: base.chain.map((one, i) => (i === index ? certificate : one)),
})

const leafOf = ({ chain }: Base) => chain[0] as Uint8Array

const mutations: Readonly<Record<string, Mutation>> = {
  'a bit of the leaf': (base, below) => at(base, 0, flipped(leafOf(base), below)),
  // The last certificate counts by its key alone: what else is in it no signature need cover, and parsers differ there.
  'a bit of a certificate below the last': (base, below) => {
    const index = below(base.chain.length - 1)
    return at(base, index, flipped(base.chain[index] as Uint8Array, below))
  },
  'a bit of the key of the last': (base, below) => at(base, base.chain.length - 1, otherKey(base.chain.at(-1), below)),
  'a bit of the SCT': (base, below) => ({ ...base, sct: flipped(base.sct, below) }),
  'a truncated leaf': (base, below) => at(base, 0, leafOf(base).subarray(0, below(leafOf(base).length))),
  'a byte behind the leaf': (base) => at(base, 0, new Uint8Array([...leafOf(base), 0])),
  'a truncated SCT': (base, below) => ({ ...base, sct: base.sct.subarray(0, below(base.sct.length)) }),
  'a byte behind the SCT': (base) => ({ ...base, sct: new Uint8Array([...base.sct, 0]) }),
  'the key of another log': (base, _, { key }) => ({ ...base, key }),
  'the SCT of another certificate': (base, _, { sct }) => ({ ...base, sct }),
  'the issuers of another certificate': (base, _, { chain }) => ({ ...base, chain: [leafOf(base), ...chain.slice(1)] }),
  'the chain backwards': (base) => ({ ...base, chain: base.chain.toReversed() }),
  'the leaf twice': (base) => ({ ...base, chain: [leafOf(base), ...base.chain] }),
  'the leaf alone': (base) => ({ ...base, chain: base.chain.slice(0, 1) }),
  'without the last issuer': (base) => ({ ...base, chain: base.chain.slice(0, -1) }),
}

function sfoCase(id: string, { key, chain, sct }: Base): SfoCase {
  const list = Buffer.from(encodeSctList([sct])).toString('base64')
  return { id, kind: 'sfo', key, body: JSON.stringify([{ x509_chain: chain.map(pemOf), sct_data_v1: [list] }]) }
}

/** Each base as it is, and `rounds` times each mutation of it. */
export async function sfoCases(seed: number, rounds: number): Promise<readonly SfoCase[]> {
  const below = numbers(seed)
  const bases = [...(await madeBases()), ...realBases()]
  return bases.flatMap((base) => [
    sfoCase(`${base.name}: as it is`, base),
    ...Object.entries(mutations).flatMap(([name, mutate]) =>
      Array.from({ length: rounds }, (_, round) => {
        const other = bases[below(bases.length)] as Base
        return sfoCase(`${base.name}: ${name}, ${round}`, mutate(base, below, other))
      }),
    ),
  ])
}

/** Proofs of trees of up to 300 leaves; of each kind of fault one for each proof. */
export function inclusionCases(seed: number, count: number): readonly InclusionCase[] {
  const below = numbers(seed)
  return Array.from({ length: count }, (_, n) => proofOf(n, below)).flatMap((proof) => [
    proof,
    { ...proof, id: `${proof.id}: leaf`, leafHash: bitOf(proof.leafHash, below) },
    { ...proof, id: `${proof.id}: root`, root: bitOf(proof.root, below) },
    { ...proof, id: `${proof.id}: index`, leafIndex: below(2 * proof.size) },
    { ...proof, id: `${proof.id}: size`, size: below(2 * proof.size) },
    { ...proof, id: `${proof.id}: a hash too many`, path: [...proof.path, proof.root] },
    { ...proof, id: `${proof.id}: a hash too few`, path: proof.path.slice(0, -1) },
    { ...proof, id: `${proof.id}: backwards`, path: proof.path.toReversed() },
  ])
}

function proofOf(n: number, below: (limit: number) => number): InclusionCase {
  const size = 1 + below(300)
  const leaves = Array.from({ length: size }, (_, i) => hashLeaf(`${n} ${i}`))
  const tree = treeOf(leaves)
  const leafIndex = below(size)
  const path = inclusionProof(tree, leafIndex)
    .map(({ hash }) => toHex(hash))
    .reverse()
  const leafHash = toHex(leaves[leafIndex] as Uint8Array)
  return { id: `proof ${n}`, kind: 'inclusion', leafHash, leafIndex, size, root: toHex(tree.range(0, size)), path }
}

function bitOf(hex: string, below: (limit: number) => number): string {
  return toHex(flipped(fromHex(hex), below))
}
