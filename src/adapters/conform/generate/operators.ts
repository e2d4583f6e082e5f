// Mutation operators on bytes and lists, by name. Invariant: an operator changes what it is given and is a function of it alone.

export type BytesOperator = (bytes: Uint8Array) => Uint8Array

export const truncations = {
  'truncate-1': (bytes) => bytes.slice(0, -1),
  'truncate-half': (bytes) => bytes.slice(0, bytes.length >> 1),
  'drop-first': (bytes) => bytes.slice(1),
  empty: () => new Uint8Array(),
} as const satisfies Record<string, BytesOperator>

export const additions = {
  'append-byte': (bytes) => joined(bytes, [0]),
  'append-copy': (bytes) => joined(bytes, bytes),
  'prepend-byte': (bytes) => joined([0], bytes),
} as const satisfies Record<string, BytesOperator>

export function flipBit(at: number, bit = 0): BytesOperator {
  return (bytes) => setByte(bytes, at, (bytes.at(at) ?? 0) ^ (1 << bit))
}

export function setByte(bytes: Uint8Array, at: number, to: number): Uint8Array {
  const changed = bytes.slice()
  changed[at < 0 ? bytes.length + at : at] = to
  return changed
}

/** A DER element whose length takes one octet more than it needs. */
export function nonMinimalLength(der: Uint8Array): Uint8Array {
  const first = der[1] ?? 0
  return first < 0x80
    ? joined([der[0] ?? 0, 0x81, first], der.slice(2))
    : joined([der[0] ?? 0, first + 1, 0], der.slice(2))
}

/** BER's way to say that the end will be marked. */
export function indefiniteLength(der: Uint8Array): Uint8Array {
  const first = der[1] ?? 0
  const header = first < 0x80 ? 2 : 2 + (first & 0x7f)
  return joined([der[0] ?? 0, 0x80], der.slice(header), [0, 0])
}

export const listOperators = {
  'drop-path-element': (list: readonly string[]) => list.slice(1),
  'drop-last-element': (list: readonly string[]) => list.slice(0, -1),
  'repeat-path-element': (list: readonly string[]) => [...list, ...list.slice(-1)],
  'swap-order': (list: readonly string[]) => list.toReversed(),
} as const

export function joined(...parts: readonly ArrayLike<number>[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)))
}
