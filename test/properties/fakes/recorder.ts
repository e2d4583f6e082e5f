// What a part says to its operators, kept. Invariant: word for word, and in order.
import { type Instruments, instruments } from '../../../src/effects/instruments.ts'

/** `[count, name, labels]`, with the number where it is told; `[gauge, name, value, labels]`; `[level, message or code, fields]`. */
export type Said = readonly unknown[]

export interface Recorder {
  readonly tools: Instruments
  readonly said: Said[]
  /** Takes what was said since it was last asked. */
  heard(): readonly Said[]
}

export function recorder(): Recorder {
  const said: Said[] = []
  const line = (level: string) => (fields: object, message: string) => {
    const { code = message, ...others } = fields as { readonly code?: string }
    said.push([level, code, others])
  }
  const tools = instruments(
    {
      count: (name, labels = {}, by) => void said.push(['count', name, labels, ...(by === undefined ? [] : [by])]),
      gauge: (name, value, labels = {}) => void said.push(['gauge', name, value, labels]),
    },
    { info: line('info'), warn: line('warn'), error: line('error') },
  )
  return { tools, said, heard: () => said.splice(0) }
}
