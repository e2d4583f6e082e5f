// Where a daemon's consensus comes from: the Tor network, or one signed file [CONS-001 to CONS-008]. Invariant: the same source for relay,
// auditor and `--check`; a directory port is asked directly, since no exit connects to one.
import type { Clock, ConsensusSource } from '../../effects/ports.ts'
import type { Crypto } from '../../machines/ct/types.ts'
import { agentPool } from '../node/agents.ts'
import { consensusFile } from '../node/consensus-file.ts'
import { controlInfo } from '../node/tor/control-info.ts'
import { controlDirectory, httpDirectory, type TorDirectory } from '../node/tor/directory.ts'
import { extensionFile } from '../node/tor/extension-source.ts'
import { torConsensusSource } from '../node/tor/tor-consensus-source.ts'
import type { Opened } from './life.ts'
import { agentLimits, type SharedConfig } from './shared-config.ts'

export function consensusSourceOf(
  open: Opened,
  config: SharedConfig,
  { crypto, clock }: { readonly crypto: Crypto; readonly clock: Pick<Clock, 'now'> },
): ConsensusSource {
  const { tor, consensus } = config
  if (tor === undefined) {
    if (consensus === undefined) throw new Error('consensus: neither a file nor Tor is configured')
    return consensusFile({ ...consensus, crypto, clock })
  }
  const { authorities, extension, certificates } = tor
  const directory = directoryOf(open, config, tor)
  const certificatesPath = certificates === undefined ? {} : { certificatesPath: certificates }
  return torConsensusSource({
    directory,
    extension: extensionFile(extension),
    authorities,
    crypto,
    clock,
    ...certificatesPath,
  })
}

type TorSection = NonNullable<SharedConfig['tor']>

function directoryOf(open: Opened, config: SharedConfig, { directory, cachedCerts }: TorSection): TorDirectory {
  if (directory !== undefined) {
    const agents = agentPool(agentLimits(config.client))
    open.add(() => agents.close())
    return httpDirectory(agents, directory)
  }
  if (config.control === undefined || cachedCerts === undefined)
    throw new Error('tor: given neither a directory, nor control and cachedCerts')
  const info = controlInfo(config.control)
  open.add(() => info.close())
  return controlDirectory(info.getInfo, cachedCerts)
}
