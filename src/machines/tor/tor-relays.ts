// The relays of a Tor consensus [dir-spec 3.4.1, 3.9.2, CONS-002.3].
// Invariant: each relay has one identity, one set of flags and one descriptor's digest, and no identity occurs twice.
import { toHex } from '../ct/bytes.ts'
import { type NetdocItem, readUnpadded } from './netdoc.ts'

export type Flavour = 'ns' | 'microdesc'

export interface TorRelay {
  /** SHA-1 of the RSA identity key, 40 hex digits in lower case. */
  readonly fingerprint: string
  readonly flags: readonly string[]
  /** Hex digits: SHA-256 of the microdescriptor, or in flavour ns SHA-1 of the server descriptor. */
  readonly descriptor: string
}

/** Lines of a relay that occur at most once; its `a` lines may repeat. */
const onceAtMost: ReadonlySet<string> = new Set(['s', 'm', 'v', 'pr', 'w', 'p', 'id'])

/** `items`: all before the footer; what stands before the first `r` is passed over. */
export function readRelays(
  items: readonly NetdocItem[],
  flavour: Flavour,
): readonly TorRelay[] | 'badRelay' | 'badOrder' {
  const starts = items.flatMap(({ keyword }, at) => (keyword === 'r' ? [at] : []))
  const relays: TorRelay[] = []
  for (const [i, start] of starts.entries()) {
    const relay = readRelay(items[start] as NetdocItem, items.slice(start + 1, starts[i + 1]), flavour)
    if (relay === null) return 'badRelay'
    if (relay.fingerprint <= (relays.at(-1)?.fingerprint ?? '')) return 'badOrder'
    relays.push(relay)
  }
  return relays
}

/** `r nickname identity [descriptor] date time address or-port dir-port`, then the lines of this relay. */
function readRelay({ args }: NetdocItem, lines: readonly NetdocItem[], flavour: Flavour): TorRelay | null {
  const own = new Map<string, readonly string[]>()
  for (const line of lines) {
    if (own.has(line.keyword) && onceAtMost.has(line.keyword)) return null
    own.set(line.keyword, line.args)
  }
  const [, identityText, digestText] = args
  const identity = readUnpadded(identityText, 20)
  const descriptor = flavour === 'ns' ? readUnpadded(digestText, 20) : readUnpadded(own.get('m')?.[0], 32)
  const flags = own.get('s')
  if (identity === null || descriptor === null || flags === undefined) return null
  if (args.length < (flavour === 'ns' ? 8 : 7)) return null
  return { fingerprint: toHex(identity), flags, descriptor: toHex(descriptor) }
}
