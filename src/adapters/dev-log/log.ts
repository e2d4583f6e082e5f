// Test equipment, not for operators: a log of either kind in memory, honest unless told otherwise [RFC 6962 3, 4; C2SP static-ct-api].
// Invariant: while no fault is set, a leaf is merged within the MMD of its SCT, and every STH covers all STHs before it.
import type { KeyObject } from 'node:crypto'
import { toBase64, toHex } from '../../machines/ct/bytes.ts'
import { encodeLeafIndex } from '../../machines/ct/extensions.ts'
import type { TileName } from '../../machines/ct/tile-names.ts'
import type { InclusionProof, LogId, Sth } from '../../machines/ct/types.ts'
import { concerns, type Fault, faultOf, type Leaves } from './fault.ts'
import { decoyOf, type History, historyOf, type LogEntry, leafHashOf } from './history.ts'
import { MergeQueue } from './merge-queue.ts'
import { consistencyAnswer, inclusionAnswer } from './proofs.ts'
import { signSct, signTreeHead, withBadSignature } from './signed.ts'
import { createSigner, type Signer } from './signer.ts'
import { type EntryKind, identityOf, prepare, type Reply, refuse } from './submission.ts'
import { dataTile, hashTile } from './tiles.ts'
import { sha256 } from './tree.ts'

/** Durations in milliseconds. */
export interface CtLogOptions {
  readonly key: KeyObject
  readonly mmd: number
  /** From SCT to merge, at most `mmd`. */
  readonly mergeDelay: number
  /** At most so long after the last STH, whoever asks gets a new one. */
  readonly sthInterval: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Of every SCT; empty, as with most RFC 6962 logs, where it is left out. */
  readonly sctExtensions?: Uint8Array
  /** SCTs bear their leaf index, and the log is read through files; not together with `sctExtensions`. */
  readonly staticCt?: boolean
  /** DER; where it is left out, a chain may end anywhere. */
  readonly roots?: readonly Uint8Array[]
  /** Entries, merged and pending: 100,000. */
  readonly capacity?: number
}

export type View = 'main' | 'shadow'

export interface LogState {
  readonly logId: LogId
  /** DER SubjectPublicKeyInfo, base64. */
  readonly key: string
  readonly mmd: number
  readonly size: number
  readonly pending: number
  readonly sth: Sth
  readonly faults: readonly Fault[]
}

const maxRootsLearned = 100
const maxEntriesAnswered = 256
const noExtensions = new Uint8Array(0)

export class CtLog {
  readonly signer: Signer
  readonly mmd: number
  readonly #options: CtLogOptions
  readonly #scts = new Map<string, Uint8Array>()
  readonly #queue: MergeQueue
  readonly #roots = new Map<string, Uint8Array>()
  readonly #issuers = new Map<string, Uint8Array>()
  #main: History = historyOf([])
  #shadow: History | null = null
  #faults: readonly Fault[] = []
  #published: { readonly at: number; readonly main: Sth; readonly shadow: Sth | null }
  #handedOut = 0
  #nextPlace = 0

  /** @throws RangeError when mergeDelay exceeds the MMD: such a log could not keep its promise. */
  constructor(options: CtLogOptions) {
    if (options.mergeDelay > options.mmd) throw new RangeError('mergeDelay is more than mmd')
    this.#options = options
    this.signer = createSigner(options.key)
    this.mmd = options.mmd
    this.#queue = new MergeQueue(options.mmd)
    for (const root of options.roots ?? []) this.#roots.set(toHex(root), root)
    const at = options.now()
    this.#published = { at, main: signTreeHead(this.signer, this.#main.tree, 0, at), shadow: null }
  }

  /** Answers the SerializedSCT; the same one for the same certificate. */
  addChain(chain: readonly Uint8Array[]): Reply<Uint8Array> {
    return this.#submit(chain, 'x509')
  }

  /** Likewise for a precertificate and its issuers. */
  addPreChain(chain: readonly Uint8Array[]): Reply<Uint8Array> {
    return this.#submit(chain, 'precert')
  }

  /** The current STH of one view; `main` where there is no other. */
  sth(view: View = 'main'): Sth {
    this.#advance()
    return this.#shown(view)
  }

  #shown(view: View): Sth {
    const { main, shadow } = this.#published
    const sth = view === 'shadow' && shadow !== null ? shadow : main
    return faultOf(this.#faults, 'bad-signature') ? withBadSignature(sth) : sth
  }

  /** What get-sth answers: under a split view, the shadow's STH to every second caller or to each. */
  handOutSth(): Sth {
    const split = faultOf(this.#faults, 'split-view')
    this.#handedOut += 1
    return this.sth(split?.serve === 'shadow' || this.#handedOut % 2 === 0 ? 'shadow' : 'main')
  }

  /** `leafHash`: 64 hex digits. Refuses with 400 a size beyond the tree, with 404 a leaf that is not in it. */
  proofByHash(leafHash: string, size: number): Reply<InclusionProof> {
    this.#advance()
    const main = this.#main
    const history = main.indexOf(leafHash) === undefined ? (this.#shadow ?? main) : main
    return inclusionAnswer(history, leafHash, size, this.#faults)
  }

  /** Path elements, 64 hex digits each. Refuses with 400 unless 0 < first <= second <= size of the tree. */
  consistency(first: number, second: number): Reply<readonly string[]> {
    this.#advance()
    return consistencyAnswer(this.#main, first, second, this.#faults)
  }

  /** Entries `start` to `end`, both included; fewer where the tree ends or there are more than 256. */
  entries(start: number, end: number): Reply<readonly LogEntry[]> {
    this.#advance()
    const main = this.#main
    if (start < 0 || start > end || start >= main.size) return refuse(400, `no entries ${start} to ${end}`)
    return { ok: true, value: main.entries.slice(start, Math.min(end + 1, start + maxEntriesAnswered)) }
  }

  /** A static-ct log's files; 404 for a tile that is not there. */
  hashTile(name: TileName): Reply<Uint8Array> {
    this.#advance()
    return hashTile(this.#shownHistory(), name, this.#faults)
  }

  dataTile(name: Omit<TileName, 'level'>): Reply<Uint8Array> {
    this.#advance()
    return dataTile(this.#shownHistory(), name, this.#faults)
  }

  /** `fingerprint`: SHA-256 of the issuer's DER, 64 hex digits. */
  issuer(fingerprint: string): Uint8Array | undefined {
    return this.#issuers.get(fingerprint)
  }

  /** A split view that shows everyone the shadow has tiles of it. */
  #shownHistory(): History {
    return faultOf(this.#faults, 'split-view')?.serve === 'shadow' ? (this.#shadow ?? this.#main) : this.#main
  }

  /** DER. */
  roots(): readonly Uint8Array[] {
    return [...this.#roots.values()]
  }

  /** Merges at once what an honest log may merge; what a fault withholds or delays waits on. */
  merge(): void {
    this.#mergeDue(this.#options.now(), 0)
  }

  /** Signs a new STH, later than all before it; a new one of an unchanged tree is legal [RFC 6962 3.5]. */
  publish(): Sth {
    const now = this.#options.now()
    const next = Math.max(now, this.#published.main.timestamp + 1)
    this.#mergeDue(next, this.#options.mergeDelay)
    const backdated = faultOf(this.#faults, 'backdated')
    const timestamp = backdated === undefined ? next : Math.max(0, now - backdated.ms)
    const size = Math.max(0, this.#main.size - (faultOf(this.#faults, 'rollback')?.by ?? 0))
    const signed = (history: History) => signTreeHead(this.signer, history.tree, size, timestamp)
    this.#published = { at: now, main: signed(this.#main), shadow: this.#shadow && signed(this.#shadow) }
    return this.#shown('main')
  }

  /** Replaces all faults and signs a new STH. History that `inconsistent` rewrote stays as rewritten. */
  setFaults(faults: readonly Fault[]): void {
    this.#advance()
    const rewrite = faultOf(faults, 'inconsistent') && !faultOf(this.#faults, 'inconsistent')
    this.#faults = faults.filter((fault) => fault.kind !== 'honest')
    const first = this.#main.entries[0]
    if (rewrite && first !== undefined) this.#main = historyOf([decoyOf(first), ...this.#main.entries])
    const split = faultOf(this.#faults, 'split-view')
    this.#shadow = split ? historyOf(this.#main.entries.map((entry) => shadowOf(entry, split.leaves))) : null
    this.publish()
  }

  get faults(): readonly Fault[] {
    return this.#faults
  }

  state(): LogState {
    const sth = this.sth()
    const { logId, spki } = this.signer
    const counts = { size: this.#main.size, pending: this.#queue.size }
    return { logId, key: toBase64(spki), mmd: this.mmd, ...counts, sth, faults: this.#faults }
  }

  #submit(chain: readonly Uint8Array[], kind: EntryKind): Reply<Uint8Array> {
    this.#advance()
    const prepared = prepare(chain, kind, this.#options.roots === undefined ? null : this.roots())
    if (!prepared.ok) return prepared
    const { entry, extraData, last } = prepared.value
    const identity = toHex(identityOf(entry))
    const issued = this.#scts.get(identity)
    if (issued !== undefined) return { ok: true, value: issued }
    if (this.#scts.size >= (this.#options.capacity ?? 100_000)) return refuse(503, 'the log is full')
    if (this.#options.roots === undefined && this.#roots.size < maxRootsLearned) this.#roots.set(toHex(last), last)
    const timestamp = this.#options.now()
    const place = this.#options.staticCt ? Math.max(this.#nextPlace, this.#main.size) : undefined
    const { sct, leaf } = signSct(this.signer, entry, timestamp, this.#extensionsFor(place))
    this.#scts.set(identity, sct)
    this.#queue.push({ leaf, leafHash: leafHashOf(leaf), extraData, timestamp, ...(place !== undefined && { place }) })
    if (place !== undefined) {
      this.#nextPlace = place + 1
      for (const issuer of chain.slice(1)) this.#issuers.set(toHex(sha256(issuer)), issuer)
    }
    return { ok: true, value: sct }
  }

  #extensionsFor(place: number | undefined): Uint8Array {
    if (place === undefined) return this.#options.sctExtensions ?? noExtensions
    if (faultOf(this.#faults, 'no-index')) return noExtensions
    const before = faultOf(this.#faults, 'same-index') ? 1 : 0
    return encodeLeafIndex(Math.max(0, place - before) + (faultOf(this.#faults, 'wrong-index')?.by ?? 0))
  }

  /** What would have happened by now: no timer runs. */
  #advance(): void {
    const now = this.#options.now()
    if (now - this.#published.at >= this.#options.sthInterval) this.publish()
    else this.#mergeDue(now, this.#options.mergeDelay)
  }

  #mergeDue(now: number, delay: number): void {
    const split = faultOf(this.#faults, 'split-view')
    const append = (entry: LogEntry) => {
      this.#main.append(entry)
      if (split) this.#shadow?.append(shadowOf(entry, split.leaves))
    }
    for (const entry of this.#queue.take(now, delay, this.#faults)) {
      // The place of a leaf that is held back goes to another one, so that those behind it have theirs.
      while (this.#main.size < (entry.place ?? 0))
        append(decoyOf({ ...entry, timestamp: entry.timestamp + this.#main.size }))
      append(entry)
    }
  }
}

function shadowOf(entry: LogEntry, leaves: Leaves): LogEntry {
  return concerns(leaves, entry.leafHash, entry.leaf) ? decoyOf(entry) : entry
}
