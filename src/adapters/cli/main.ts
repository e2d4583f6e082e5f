// The command line. Invariant: every command says by `--help` all that it takes; what only a running daemon needs is loaded when it runs.
import { Command } from 'commander'
import { conformCommand, sutCommand } from '../conform/command.ts'
import { devLogCommand } from '../dev-log/command.ts'
import { auditorCommand } from './auditor-command.ts'
import { configCommand } from './config-command.ts'
import { directoryCommand } from './directory-command.ts'
import { endWithOutput, withExitCodes } from './exit.ts'
import { incidentsCommand } from './incidents-command.ts'
import { keysCommand } from './keys-command.ts'
import { logsCommand } from './logs-command.ts'
import { relayCommand } from './relay-command.ts'
import { verifyCommand } from './verify-command.ts'
import { packageVersion } from './version.ts'

const program = new Command('ctor')
  .description('Certificate Transparency in Tor: the balancing relay and the CT auditor')
  .version(packageVersion(), '--version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  .addCommand(relayCommand())
  .addCommand(auditorCommand())
  .addCommand(configCommand())
  .addCommand(keysCommand())
  .addCommand(incidentsCommand())
  .addCommand(logsCommand())
  .addCommand(verifyCommand())
  .addCommand(directoryCommand())
  .addCommand(conformCommand())
  .addCommand(sutCommand())
  .addCommand(devLogCommand())

endWithOutput()
try {
  await withExitCodes(program).parseAsync()
} catch (error) {
  process.stderr.write(`error: ${(error as Error).message}\n`)
  process.exitCode = 1
}
