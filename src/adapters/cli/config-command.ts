// `ctor config`: a complete configuration with every default. Invariant: it is what the schema fills in, so it cannot be out of date.
import { Argument, Command } from 'commander'
import { auditorSchema } from '../daemon/auditor-config.ts'
import { relaySchema } from '../daemon/relay-config.ts'

const daemons = ['relay', 'auditor'] as const

/** Stands for an authority's key; refused by `--check`, so that nobody forgets to replace it. */
export const placeholder = "an authority's Ed25519 key: 64 hex digits"

/** The least that has no default. */
const needed = {
  consensus: { path: 'consensus', authorities: ['0'.repeat(64)] },
}

export function defaultConfig(daemon: (typeof daemons)[number]): object {
  const config =
    daemon === 'relay'
      ? relaySchema.parse({ ...needed, key: { path: 'relay.key' }, onion: { kind: 'loopback' } })
      : auditorSchema.parse({
          ...needed,
          key: { path: 'auditor.key' },
          store: { path: 'auditor.sqlite' },
          alerts: { path: 'alerts.jsonl' },
        })
  return { ...config, consensus: { ...config.consensus, authorities: [placeholder] } }
}

export function configCommand(): Command {
  return new Command('config')
    .summary("print a daemon's configuration with every default")
    .description(
      'Prints a complete configuration as JSON, with every default. Put the keys of your authorities into it; everything that ' +
        'you leave out keeps its default. `ctor relay --help` and `ctor auditor --help` say what each field is for.',
    )
    .addArgument(new Argument('<daemon>', 'whose configuration').choices(daemons))
    .action((daemon: (typeof daemons)[number]) => {
      process.stdout.write(`${JSON.stringify(defaultConfig(daemon), null, 2)}\n`)
    })
}
