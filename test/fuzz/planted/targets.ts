// Defects that a fuzzer worth the name finds: one behind magic bytes, one without end, one too slow, one too large,
// one that forgets nothing.
import type { Target } from '../target.ts'
import { hidden } from './hidden.ts'

const seeds = () => [Buffer.from('plain'), Buffer.from('{"a":1}')]

const kept: Uint8Array[] = []

export const targets: readonly Target[] = [
  { name: 'magic', seeds, run: (input) => hidden(input) },
  {
    name: 'endless',
    seeds,
    run: (input) => {
      while (input.length > 0 && input[0] === 0x7a);
    },
  },
  {
    name: 'quadratic',
    seeds,
    run: (input) => {
      let sum = 0
      for (let i = 0; i < input.length; i += 8) for (let j = 0; j < input.length; j += 8) sum ^= i ^ j
      if (sum < 0) throw new Error('never')
    },
  },
  {
    name: 'large',
    seeds,
    run: (input) => {
      if (input.length > 200) new Uint8Array(100 * 1024 * 1024).fill(1)
    },
  },
  {
    // 64 KiB an execution, outside of the heap: far below what one execution may take.
    name: 'leaking',
    seeds,
    run: (input) => {
      if (input.length > 8) kept.push(new Uint8Array(64 * 1024).fill(1))
    },
  },
  {
    // As much an execution, and nothing stays.
    name: 'wasteful',
    seeds,
    run: (input) => {
      if (input.length > 8) new Uint8Array(64 * 1024).fill(1)
    },
  },
]
