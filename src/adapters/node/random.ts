// The port `Random` on the operating system's generator. Invariant: draws are uniform; nothing is seeded or cached.
import { randomBytes } from 'node:crypto'
import type { Random } from '../../effects/ports.ts'

export const systemRandom: Random = {
  u32: (count) => {
    const bytes = randomBytes(4 * count)
    return Array.from({ length: count }, (_, index) => bytes.readUInt32LE(4 * index))
  },
  bytes: (count) => new Uint8Array(randomBytes(count)),
}
