// A daemon's onion services [RELAY-018, RELAY-107]: through tor's control port, or the stand-in for development. Invariant: what was published
// ends with the daemon.
import type { Logger, Random } from '../../effects/ports.ts'
import { loopbackOnion, resolveLoopbackOnion } from '../node/onion-loopback.ts'
import { type OnionResolver, resolveTorOnion } from '../node/peer-client.ts'
import { type ControlPort, openControl } from '../node/tor/control.ts'
import { type TorOnion, torOnion, torOnionDefaults } from '../node/tor/onion-services.ts'
import type { Opened } from './life.ts'

export interface DaemonOnion extends Pick<TorOnion, 'services' | 'serves' | 'stand'> {
  readonly resolve: OnionResolver
}

export function onionOf(
  open: Opened,
  { kind, control }: { readonly kind: 'loopback' | 'tor'; readonly control?: ControlPort | undefined },
  parts: { readonly random: Random; readonly port: () => number; readonly logger: Logger; readonly uploadMs: number },
): DaemonOnion {
  if (kind === 'tor' && control !== undefined) return torOnionOf(open, control, parts)
  parts.logger.warn(
    { loopbackOnion: true },
    'DEVELOPMENT ONLY: the proof set is served on loopback, not by an onion service',
  )
  return { ...loopbackOnion(parts.random, parts.port), stand: async () => null, resolve: resolveLoopbackOnion }
}

export function torOnionOf(
  open: Opened,
  control: ControlPort,
  { port, logger, uploadMs }: { readonly port: () => number; readonly logger: Logger; readonly uploadMs: number },
): DaemonOnion {
  const onion = torOnion({
    ...torOnionDefaults,
    open: () => openControl(control),
    port,
    uploadMs,
    onChange: (error) => {
      if (error === null) logger.info({}, "tor's control port is back, and with it the onion services")
      else logger.warn({ error }, "tor's control port is gone, and with it the onion services")
    },
  })
  open.add(() => onion.close())
  return { ...onion, resolve: resolveTorOnion }
}

/** @throws Error where tor is not there: a daemon that nobody reaches should not seem to run. */
export async function standing(onion: Pick<DaemonOnion, 'stand'>, port: number): Promise<string> {
  const address = await onion.stand(port)
  if (address === null) throw new Error("onion: no onion service could be published through tor's control port")
  return `http://${address}`
}
