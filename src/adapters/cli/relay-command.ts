// `ctor relay`: a balancing relay. Invariant: the help lists every field of the configuration, from its schema.
import { Command } from 'commander'
import { describeFields } from '../daemon/describe.ts'
import type { RelayDaemon } from '../daemon/relay.ts'
import { loadRelayConfig, relaySchema } from '../daemon/relay-config.ts'
import { printChecks } from './check.ts'
import { delegateCommand } from './delegate-command.ts'
import { end, misused } from './exit.ts'
import { runUntilSignal } from './run.ts'

export function relayCommand(): Command {
  return new Command('relay')
    .summary('run a balancing relay (CTR)')
    .description(
      'A balancing relay: takes SFOs from anyone, challenges logs, and passes on what no log proved. Nothing about an SFO is ' +
        'ever written to disk; a restart forgets everything.',
    )
    .addCommand(delegateCommand())
    .option('--config <file>', 'JSON file, see below; `ctor config relay` prints one')
    .option('--check', 'only try the set-up: keys, consensus, Tor, ports; one line each')
    .addHelpText('after', () => helpText)
    .action(async ({ config: file, check }: { config?: string; check?: boolean }, command: Command) => {
      // Not `requiredOption`: the subcommand has none.
      if (file === undefined) end(command, "required option '--config <file>' not specified", misused)
      const loaded = loadRelayConfig(file)
      if (!loaded.ok) end(command, loaded.detail, misused)
      const config = loaded.value
      if (check) {
        const { checkRelay } = await import('../daemon/relay-check.ts')
        printChecks(file, await checkRelay(config))
        return
      }
      const { startRelay } = await import('../daemon/relay.ts')
      const ready = ({ url, proofsUrl, operationsUrl, onionUrl, ctrId }: RelayDaemon) => ({
        url,
        proofsUrl,
        operationsUrl,
        ...(onionUrl !== null && { onionUrl }),
        ctrId,
      })
      await runUntilSignal(command, () => startRelay(config), ready, config.stopMs)
    })
}

const helpText = `
Configuration (JSON; unknown keys are refused; durations in milliseconds; paths relative to the file):
${describeFields(relaySchema)}

Prints {"url","proofsUrl","operationsUrl","ctrId"} on one line once it listens, then logs JSON lines to stderr.
SIGTERM and SIGINT stop it. Exit status: 0 stopped, 1 failed or --check found something wrong, 2 wrong usage or configuration.`
