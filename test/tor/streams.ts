// What a client's tor does with streams and circuits, as its control port tells. Invariant: only what happened since `watch` is told.
import { openControl } from '../../src/adapters/node/tor/control.ts'
import type { ControlConnection } from '../../src/adapters/node/tor/control-connection.ts'
import type { TorClient } from './network.ts'

export interface Stream {
  readonly id: string
  readonly circuit: string
  /** `host:port`. */
  readonly target: string
}

export async function connectTo(client: TorClient): Promise<ControlConnection> {
  const control = await openControl(client.control)
  if (!control.ok) throw new Error(control.detail)
  return control.value
}

/** Streams that succeeded, in order. */
export async function watchStreams(client: TorClient): Promise<{ readonly streams: Stream[]; close(): void }> {
  const connection = await connectTo(client)
  const targets = new Map<string, string>()
  const streams: Stream[] = []
  connection.onEvent(({ lines }) => {
    const [kind, id = '', status, circuit = '', target = ''] = lines[0]?.text.split(' ') ?? []
    if (kind !== 'STREAM') return
    // Once it is connected, tor names the address that the exit resolved.
    if (status === 'NEW') targets.set(id, target)
    if (status === 'SUCCEEDED') streams.push({ id, circuit, target: targets.get(id) ?? target })
  })
  const subscribed = await connection.ask('SETEVENTS STREAM')
  if (!subscribed.ok) throw new Error(subscribed.detail)
  return { streams, close: () => connection.close() }
}
