// Ephemeral v3 onion services through tor's control port [control-spec 3.27, RELAY-018, RELAY-107]. Invariant: their keys are nowhere on
// disk; a service lives as long as the control connection, so that nothing outlives this daemon.
import type { OnionServices } from '../../../effects/ports.ts'
import type { Result } from '../../../machines/ct/types.ts'
import { decodeOnionAddress } from '../../../machines/tor/onion-address.ts'
import type { ControlConnection, ControlError } from './control-connection.ts'

export interface TorOnionOptions {
  readonly open: () => Promise<Result<ControlConnection, ControlError>>
  /** Of the proof listener, on 127.0.0.1. */
  readonly port: () => number
  /** Longest wait for a descriptor's first upload. */
  readonly uploadMs: number
  /** First wait before tor is tried again; doubles up to `maxRetryMs`. */
  readonly retryMs: number
  readonly maxRetryMs: number
  /** Services of rounds that live at once; beyond it the oldest gives way. */
  readonly maxServices: number
  /** Told of each loss of the control connection and each return, with what went wrong or null. */
  readonly onChange?: (error: ControlError | null) => void
}

export const torOnionDefaults = { uploadMs: 60_000, retryMs: 500, maxRetryMs: 30_000, maxServices: 64 } as const

export interface TorOnion {
  /** Of rounds: tor keeps their keys alone (`DiscardPK`), so that one that a restart of tor ends is gone. */
  readonly services: OnionServices
  /**
   * One that stays: its key is in this process's memory, and it is published again under the same address whenever tor returns. Null
   * where it cannot be had now.
   */
  stand(port: number): Promise<string | null>
  /** Whether a request's Host names a service that is alive. */
  serves(host: string): boolean
  close(): Promise<void>
}

interface Session {
  readonly connection: ControlConnection
  /** Service IDs whose descriptor is up. */
  readonly uploaded: Set<string>
  /** Addresses of standing services that it has: tor refuses them a second time. */
  readonly standing: Set<string>
}

interface Standing {
  readonly address: string
  readonly key: string
  readonly port: number
}

const suffix = '.onion'
/** Descriptors of so many services are remembered as uploaded. */
const maxUploaded = 1024

export function torOnion(options: TorOnionOptions): TorOnion {
  const alive = new Set<string>()
  const standing: Standing[] = []
  let session: Promise<Session | null> | null = null
  let retry: NodeJS.Timeout | undefined
  let closing = false

  const connect = (): Promise<Session | null> => {
    session ??= openSession(options).then((opened) => {
      if (opened.ok && !closing) {
        opened.value.connection.closed.then(lost)
        return opened.value
      }
      if (opened.ok) opened.value.connection.close()
      else options.onChange?.(opened.error)
      session = null
      return null
    })
    return session
  }

  const lost = () => {
    session = null
    alive.clear()
    if (closing) return
    options.onChange?.('closed')
    if (standing.length > 0) revive(options.retryMs)
  }

  /** Tor is back when every standing service is. */
  const revive = (waitMs: number) => {
    clearTimeout(retry)
    retry = setTimeout(async () => {
      const current = await connect()
      if (closing) return
      if (current === null) return revive(Math.min(2 * waitMs, options.maxRetryMs))
      const missing = standing.filter(({ address }) => !current.standing.has(address))
      const added = await Promise.all(missing.map(({ key, port }) => add(current, key, port)))
      for (const service of added) if (service !== null) current.standing.add(service.address)
      if (added.every((service) => service !== null)) options.onChange?.(null)
      else if (!closing) revive(Math.min(2 * waitMs, options.maxRetryMs))
    }, waitMs)
  }

  const withdraw = async (address: string): Promise<void> => {
    alive.delete(address)
    const current = await session
    // One that tor no longer has is withdrawn as well.
    await current?.connection.ask(`DEL_ONION ${address.slice(0, -suffix.length)}`)
  }

  const publish = async (key: string, port: number) => {
    const current = closing ? null : await connect()
    if (current === null) return null
    const service = await add(current, key, port)
    if (service === null) return null
    const up = await uploaded(current, service.address.slice(0, -suffix.length), options.uploadMs)
    if (up) return service
    await withdraw(service.address)
    return null
  }

  return {
    services: {
      async publish() {
        const service = await publish(fresh, options.port())
        if (service === null) return null
        alive.add(service.address)
        const [oldest] = alive
        if (alive.size > options.maxServices && oldest !== undefined) await withdraw(oldest)
        return service.address
      },
      retire: withdraw,
    },
    async stand(port) {
      const service = await publish(kept, port)
      if (service?.key === undefined) return null
      standing.push({ address: service.address, key: service.key, port })
      const current = await session
      current?.standing.add(service.address)
      return service.address
    },
    serves: (host) => alive.has(host.toLowerCase()),
    async close() {
      closing = true
      clearTimeout(retry)
      alive.clear()
      const current = await session
      current?.connection.close()
      await current?.connection.closed
    },
  }
}

const fresh = 'NEW:ED25519-V3 Flags=DiscardPK'
const kept = 'NEW:ED25519-V3'

async function openSession({ open }: TorOnionOptions): Promise<Result<Session, ControlError>> {
  const opened = await open()
  if (!opened.ok) return opened
  const connection = opened.value
  const uploaded = new Set<string>()
  connection.onEvent(({ lines }) => {
    const [, id] = /^HS_DESC UPLOADED ([a-z2-7]{56})(?: |$)/.exec(lines[0]?.text ?? '') ?? []
    if (id === undefined) return
    const [oldest] = uploaded
    if (uploaded.size >= maxUploaded && oldest !== undefined) uploaded.delete(oldest)
    uploaded.add(id)
  })
  const subscribed = await connection.ask('SETEVENTS HS_DESC')
  if (subscribed.ok) return { ok: true, value: { connection, uploaded, standing: new Set() } }
  connection.close()
  return subscribed
}

/** `key`: what `ADD_ONION` takes for it. Null where tor refuses, or answers with what is no address. */
async function add(
  { connection }: Session,
  key: string,
  port: number,
): Promise<{ readonly address: string; readonly key?: string } | null> {
  const asked = await connection.ask(`ADD_ONION ${key} Port=80,127.0.0.1:${port}`)
  if (!asked.ok) return null
  const value = (name: string) =>
    asked.value.lines.find(({ text }) => text.startsWith(`${name}=`))?.text.slice(name.length + 1)
  const address = `${value('ServiceID')}${suffix}`
  if (decodeOnionAddress(address) === null) {
    // A service that cannot be named cannot be withdrawn, except with the connection.
    connection.close()
    return null
  }
  const made = value('PrivateKey')
  return made === undefined ? { address } : { address, key: made }
}

/** False where the time is over or the connection gone. */
function uploaded({ connection, uploaded }: Session, id: string, ms: number): Promise<boolean> {
  if (uploaded.has(id)) return Promise.resolve(true)
  return new Promise((resolve) => {
    const end = (up: boolean) => {
      clearTimeout(timer)
      off()
      resolve(up)
    }
    const off = connection.onEvent(() => {
      if (uploaded.has(id)) end(true)
    })
    const timer = setTimeout(() => end(false), ms)
    connection.closed.then(() => end(false))
  })
}
