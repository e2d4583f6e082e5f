// `ctor auditor`: a CT auditor. Invariant: the help lists every field of the configuration, from its schema.
import { Command } from 'commander'
import type { AuditorDaemon } from '../daemon/auditor.ts'
import { auditorSchema, loadAuditorConfig } from '../daemon/auditor-config.ts'
import { describeFields } from '../daemon/describe.ts'
import { printChecks } from './check.ts'
import { end, misused } from './exit.ts'
import { runUntilSignal } from './run.ts'

export function auditorCommand(): Command {
  return new Command('auditor')
    .summary('run a CT auditor')
    .description(
      'A CT auditor: takes SFOs from CTRs, follows up until the log has proven inclusion, and keeps the evidence where it has not. ' +
        'What it acknowledged with 200 is on disk; the next start on the same file goes on where this one ended.',
    )
    .requiredOption('--config <file>', 'JSON file, see below; `ctor config auditor` prints one')
    .option('--check', 'only try the set-up: keys, consensus, Tor, ports; one line each')
    .addHelpText('after', () => helpText)
    .action(async ({ config: file, check }: { config: string; check?: boolean }, command: Command) => {
      const loaded = loadAuditorConfig(file)
      if (!loaded.ok) end(command, loaded.detail, misused)
      const config = loaded.value
      if (check) {
        const { checkAuditor } = await import('../daemon/auditor-check.ts')
        printChecks(file, await checkAuditor(config))
        return
      }
      const { startAuditor } = await import('../daemon/auditor.ts')
      const ready = ({ url, operationsUrl, onionUrl, auditorId, key }: AuditorDaemon) => ({
        url,
        operationsUrl,
        ...(onionUrl !== null && { onionUrl }),
        auditorId,
        key,
      })
      await runUntilSignal(command, () => startAuditor(config), ready, config.stopMs)
    })
}

const helpText = `
Configuration (JSON; unknown keys are refused; durations in milliseconds; paths relative to the file):
${describeFields(auditorSchema)}

Prints {"url","operationsUrl","auditorId","key"} on one line once it listens, then logs JSON lines to stderr.
The operations listener has /metrics, /healthz and /incidents.
SIGTERM and SIGINT stop it. Exit status: 0 stopped, 1 failed or --check found something wrong, 2 wrong usage or configuration.`
