// A defect behind six bytes that chance alone would not find: one in 2^48.

export function hidden(input: Uint8Array): void {
  if (input[0] !== 0x43) return
  if (input[1] !== 0x54) return
  if (input[2] !== 0x6f) return
  if (input[3] !== 0x72) return
  if (input[4] !== 0x00) return
  if (input[5] !== 0xff) return
  throw new Error('planted')
}
