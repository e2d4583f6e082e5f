// `ctor incidents`: what an auditor found, from its file or from the running daemon. Invariant: it changes nothing, and creates no file.
import { existsSync } from 'node:fs'
import { Command } from 'commander'
import type { Incident } from '../../effects/ports.ts'
import { incidentsPath } from '../node/http/operations-listener.ts'
import { end, failed, misused } from './exit.ts'

interface Options {
  readonly store?: string
  readonly url?: string
  readonly json?: boolean
}

export function incidentsCommand(): Command {
  return new Command('incidents')
    .summary('list what an auditor found')
    .description(
      'Lists the incidents on record, keyed by log and kind, with how many SFOs each is about. A running auditor has its file to ' +
        'itself: ask it by --url.',
    )
    .option('--store <file>', "the auditor's file, while no auditor runs on it")
    .option('--url <url>', "a running auditor's operations listener, for example http://127.0.0.1:8289")
    .option('--json', 'print everything, evidence included, as one JSON array')
    .action(async (options: Options, command: Command) => {
      const incidents = await incidentsOf(options, command)
      process.stdout.write(options.json ? `${JSON.stringify(incidents, null, 2)}\n` : table(incidents))
    })
}

async function incidentsOf({ store, url }: Options, command: Command): Promise<readonly Incident[]> {
  if ((store === undefined) === (url === undefined)) end(command, 'exactly one of --store and --url is wanted', misused)
  try {
    return store === undefined ? await fetched(String(url)) : await stored(store)
  } catch (error) {
    return end(command, (error as Error).message, failed)
  }
}

async function stored(path: string): Promise<readonly Incident[]> {
  if (!existsSync(path)) throw new Error(`${path}: no such file`)
  const { sqliteAuditorStore } = await import('../node/store/sqlite-auditor-store.ts')
  const store = sqliteAuditorStore({ path })
  try {
    return store.incidents()
  } finally {
    await store.close()
  }
}

async function fetched(url: string): Promise<readonly Incident[]> {
  const { request } = await import('undici')
  const { statusCode, body } = await request(new URL(incidentsPath, url))
  if (statusCode !== 200) throw new Error(`${url}: answered ${statusCode}`)
  return (await body.json()) as readonly Incident[]
}

export function table(incidents: readonly Incident[]): string {
  if (incidents.length === 0) return 'no incidents\n'
  const head = ['id', 'kind', 'SFOs', 'first', 'last', 'told', 'log']
  const rows = incidents.map(({ id, kind, count, firstAt, lastAt, notified, logId }) => [
    String(id),
    kind,
    String(count),
    new Date(firstAt).toISOString(),
    new Date(lastAt).toISOString(),
    notified ? 'yes' : 'no',
    logId,
  ])
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return `${[head, ...rows].map(line).join('\n')}\n`
}
