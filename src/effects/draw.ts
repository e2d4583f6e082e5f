// What the engines draw from the Random port: circuits and delays [RELAY-015, AUD-014]. Invariant: the only randomness of this layer
// is the port's.

import { toHex } from '../machines/ct/bytes.ts'
import type { Isolation, Random } from './ports.ts'

/** A circuit of its own: 128 random bits. */
export function freshIsolation(random: Random): Isolation {
  return toHex(random.bytes(16))
}

/** Uniform in [least, most), milliseconds; `least` where the interval is empty. */
export function randomDelay(random: Random, least: number, most: number): number {
  const [draw = 0] = random.u32(1)
  return least + Math.floor((draw / 2 ** 32) * Math.max(0, most - least))
}
