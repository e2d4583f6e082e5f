// `ctor logs`: the logs of a log list, as a table or as JSON. Invariant: it reads one file and asks nobody; what a list says is printed
// without its control characters.
import { readFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { decodeLogList, type ListedLog, type LogState, logEntryProblems, logStates } from '../node/log-list.ts'
import { end, failed, misused } from './exit.ts'
import { table } from './table.ts'

interface Options {
  readonly list: string
  readonly state?: LogState
  readonly json?: boolean
}

export function logsCommand(): Command {
  return new Command('logs')
    .summary('print the logs of a log list')
    .description(
      'Prints the CT logs of a log list (version 3, as browser vendors publish it), of both kinds: operator, description, state, ' +
        'interval of the certificates that it takes, MMD, URL. An entry that is no log is printed with what is wrong with it.',
    )
    .requiredOption('--list <file>', 'the log list')
    .addOption(new Option('--state <state>', 'only logs in this state').choices(logStates))
    .option('--json', 'print everything, keys included, as one JSON array')
    .addHelpText('after', '\nExit status: 0 printed; 1 the file cannot be read or is no log list; 2 wrong usage.')
    .action(run)
}

async function run({ list, state, json }: Options, command: Command): Promise<void> {
  const { nodeCrypto } = await import('../node/crypto.ts')
  if (list === '') end(command, '--list: a file is wanted', misused)
  const file = await readFile(list).catch((error: Error) => end(command, `${list}: ${error.message}`, failed))
  const decoded = decodeLogList(nodeCrypto(), new Uint8Array(file))
  if (!decoded.ok) return end(command, `${list}: ${decoded.error}: ${decoded.detail}`, failed)
  const logs = decoded.value.filter((listed) => state === undefined || listed.state === state)
  process.stdout.write(json ? `${JSON.stringify(logs, null, 2)}\n` : logsTable(logs))
}

const head = ['operator', 'description', 'kind', 'state', 'since', 'from', 'to', 'MMD', 'URL'] as const

export function logsTable(logs: readonly ListedLog[]): string {
  if (logs.length === 0) return 'no logs\n'
  return table(head, logs.map(rowOf))
}

function rowOf({ operator, description, kind, state, stateSince, interval, log, problem }: ListedLog): string[] {
  const about = [operator, description, kind, state ?? '-', day(stateSince), day(interval?.start), day(interval?.end)]
  if (problem !== null) return [...about, '-', `no log: ${logEntryProblems[problem]}`]
  return [...about, log === null ? '-' : duration(log.mmd), log?.monitoringUrl ?? log?.url ?? '-']
}

function day(at: number | null | undefined): string {
  return at === null || at === undefined ? '-' : new Date(at).toISOString().slice(0, 10)
}

function duration(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`
}
