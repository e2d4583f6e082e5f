// Changes to an input, as libFuzzer makes them: bits, bytes, numbers, ranges, words of a dictionary, parts of other inputs.
// Invariant: the result is never longer than `maxInputBytes`; the input itself is untouched.
import type { Below } from './random.ts'

export const maxInputBytes = 64 * 1024

const interesting = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0xffffffff] as const

export interface Material {
  readonly below: Below
  readonly words: readonly Uint8Array[]
  readonly corpus: readonly Uint8Array[]
}

type Change = (input: Buffer, material: Material) => Buffer

function pick<T>(from: readonly T[], below: Below): T {
  return from[below(from.length)] as T
}

function replaced(input: Buffer, at: number, count: number, by: Uint8Array): Buffer {
  return Buffer.concat([input.subarray(0, at), by, input.subarray(at + count)])
}

/** A place and a length, short ones more often. */
function range(input: Buffer, below: Below): readonly [number, number] {
  const at = below(input.length + 1)
  const left = input.length - at
  const longest = below(4) === 0 ? left : Math.min(left, 16)
  return [at, below(longest + 1)]
}

function withByte(input: Buffer, below: Below, change: (byte: number) => number): Buffer {
  if (input.length === 0) return input
  const copy = Buffer.from(input)
  const at = below(copy.length)
  copy[at] = change(copy[at] as number)
  return copy
}

function bigEndian(value: number, count: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes.subarray(8 - count)
}

const changes: readonly Change[] = [
  (input, { below }) => withByte(input, below, (byte) => byte ^ (1 << below(8))),
  (input, { below }) => withByte(input, below, () => below(256)),
  (input, { below }) => withByte(input, below, (byte) => byte + below(9) - 4),
  (input, { below }) => withByte(input, below, () => 0x30 + below(10)),
  (input, { below }) => {
    const [at, count] = range(input, below)
    return replaced(input, at, count, new Uint8Array(0))
  },
  (input, { below }) => {
    const [at, count] = range(input, below)
    return replaced(input, below(input.length + 1), 0, Buffer.from(input.subarray(at, at + count)))
  },
  (input, { below }) => {
    const count = 1 << below(4)
    const number = bigEndian(pick(interesting, below), count)
    return replaced(input, below(input.length + 1), below(2) * count, number)
  },
  (input, { below }) => replaced(input, below(input.length + 1), 0, Buffer.alloc(1 + below(32), below(256))),
  (input, { below }) => input.subarray(0, below(input.length + 1)),
  (input, { below, words }) => {
    const word = words.length === 0 ? new Uint8Array(1) : pick(words, below)
    return replaced(input, below(input.length + 1), below(2) * word.length, word)
  },
  (input, { below, corpus }) => {
    const other = Buffer.from(pick(corpus, below))
    const [at, count] = range(other, below)
    const [to, over] = range(input, below)
    return replaced(input, to, over, other.subarray(at, at + count))
  },
  (input, { below, corpus }) => Buffer.concat([input, pick(corpus, below)]),
]

/** A large input of one repeated part: what a quadratic decoder chokes on. */
function repeated(input: Buffer, below: Below): Buffer {
  const [at, count] = range(input, below)
  const part = input.subarray(at, at + count)
  if (part.length === 0) return input
  const times = Math.floor((maxInputBytes - input.length) / part.length)
  return replaced(input, at, 0, Buffer.concat(Array.from({ length: Math.max(0, times) }, () => part)))
}

export function mutate(input: Uint8Array, material: Material): Uint8Array {
  const { below } = material
  let result: Buffer = Buffer.from(input)
  for (let count = 1 + below(5); count > 0; count--) result = Buffer.from(pick(changes, below)(result, material))
  if (below(512) === 0) result = repeated(result.subarray(0, maxInputBytes), below)
  return result.subarray(0, maxInputBytes)
}
