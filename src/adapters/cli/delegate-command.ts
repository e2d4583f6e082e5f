// `ctor relay delegate`: the relay's signing key certifies the daemon's own key, once [WIRE-008.4]. Invariant: the relay's key is read and never
// written; the file that is made holds nothing secret.
import { Command, InvalidArgumentError } from 'commander'
import { fromHex, isHex } from '../../machines/ct/bytes.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { readKey } from '../node/ctr-key.ts'
import { delegate, writeDelegation } from '../node/tor/delegation.ts'
import { readRelaySigningKey } from '../node/tor/relay-keys.ts'
import { end, failed } from './exit.ts'

const day = 24 * 3_600_000

interface DelegateOptions {
  readonly torKeys: string
  readonly key: string
  readonly out: string
  readonly days: number
}

export function delegateCommand(): Command {
  return new Command('delegate')
    .summary("let a tor relay's signing key speak for the daemon's own key")
    .description(
      "Signs the daemon's key with the relay's Ed25519 signing key, so that the daemon proves to be this CTR without access to tor's " +
        'keys. Run it as whoever may read them. It ends after --days, or with the certificate of the signing key, which tor renews ' +
        'about monthly: run it weekly. A running daemon takes the new file by itself.',
    )
    .requiredOption('--tor-keys <folder>', "the folder keys of the relay's data directory")
    .requiredOption(
      '--key <key>',
      "the daemon's key: the file, or its public key in hex, as `ctor keys relay` made and printed them",
    )
    .requiredOption('--out <file>', 'the delegation; replaced where it exists')
    .option('--days <n>', 'how long it is valid at most, 1 to 60', days, 30)
    .action(async ({ torKeys, key, out, days }: DelegateOptions, command: Command) => {
      const now = Date.now()
      const signing = readRelaySigningKey(nodeCrypto(), torKeys, now)
      if (!signing.ok) end(command, signing.detail, failed)
      const made = delegate(signing.value, await publicKeyOf(key, command), now + days * day)
      await writeDelegation(out, made).catch((error: Error) => end(command, error.message, failed))
      const expiresAt = new Date(made.expiresAt).toISOString()
      process.stdout.write(`${JSON.stringify({ file: out, ctrId: made.ctrId, expiresAt })}\n`)
    })
}

async function publicKeyOf(key: string, command: Command): Promise<Uint8Array> {
  if (isHex(key, 32)) return fromHex(key)
  const own = await readKey(key)
  return own.ok ? own.value.publicKey : end(command, own.detail, failed)
}

function days(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 60) throw new InvalidArgumentError('Wanted 1 to 60.')
  return value
}
