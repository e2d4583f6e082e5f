// `ctor keys`: makes the Ed25519 key of an authority, a relay or an auditor. Invariant: an existing file is never replaced.
import { createHash } from 'node:crypto'
import { Argument, Command } from 'commander'
import { toHex } from '../../machines/ct/bytes.ts'
import { ctrIdOf, generateKey, writeKey } from '../node/ctr-key.ts'
import { end, failed } from './exit.ts'

const roles = ['authority', 'relay', 'auditor'] as const

export function keysCommand(): Command {
  return new Command('keys')
    .summary("make an authority's, a relay's or an auditor's key")
    .description(
      'Makes an Ed25519 key (PKCS #8 PEM, readable by its owner only) and prints what others must know of it, as one line ' +
        'of JSON: "key" is the public key in hex; "id" is what a consensus lists (a relay: the key itself; an auditor: its SHA-256).',
    )
    .addArgument(new Argument('<role>', 'whose key').choices(roles))
    .requiredOption('--out <file>', 'file to write; must not exist')
    .action(async (role: (typeof roles)[number], { out }: { out: string }, command: Command) => {
      const made = generateKey()
      const written = await writeKey(out, made)
      if (!written.ok) end(command, `${out}: ${written.detail}`, failed)
      const key = toHex(made.publicKey)
      const id = role === 'auditor' ? createHash('sha256').update(made.publicKey).digest('hex') : ctrIdOf(made)
      process.stdout.write(`${JSON.stringify({ role, file: out, key, id })}\n`)
    })
}
