// `ctor incidents`: what an auditor found, from its file or from the running daemon. Invariant: it changes nothing, and creates no file.
import { existsSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import type { AuditorStore, Incident } from '../../effects/ports.ts'
import { readBody } from '../node/http/body.ts'
import { incidentsPath, incidentsShape } from '../node/http/operations-listener.ts'
import { parseJson } from '../node/http/shapes.ts'
import { schemaVersion } from '../node/store/schema.ts'
import { end, failed, misused } from './exit.ts'
import { exportIncidents, missing } from './export-incidents.ts'
import { table } from './table.ts'

interface Options {
  readonly store?: string
  readonly url?: string
  readonly json?: boolean
  readonly export?: string
}

export function incidentsCommand(): Command {
  return new Command('incidents')
    .summary('list what an auditor found')
    .description(
      'Lists the incidents on record, keyed by log and kind, with how many SFOs each is about. A running auditor has its file to ' +
        'itself: ask it by --url.',
    )
    .option('--store <file>', "the auditor's file, while no auditor runs on it")
    .option('--url <url>', "a running auditor's operations listener, for example http://127.0.0.1:8289", httpUrl)
    .option('--json', 'print everything, evidence included, as one JSON array')
    .option('--export <folder>', 'with --store: write each evidence bundle to a file, for `ctor verify`')
    .addHelpText(
      'after',
      '\nExit status: 0 printed or exported; 1 neither file nor auditor could be read; 2 wrong usage.',
    )
    .action(async (options: Options, command: Command) => {
      if (options.export !== undefined) return exportFrom(options, options.export, command)
      const incidents = await incidentsOf(options, command)
      process.stdout.write(options.json ? `${JSON.stringify(incidents, null, 2)}\n` : incidentsTable(incidents))
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

async function exportFrom({ store, url, json }: Options, folder: string, command: Command): Promise<void> {
  if (store === undefined || url !== undefined || json)
    end(command, '--export wants --store, and neither --url nor --json', misused)
  try {
    const exported = await withStore(String(store), (opened) => exportIncidents(opened, folder))
    for (const file of exported.files) process.stdout.write(`${file}\n`)
    process.stderr.write(
      missing(exported)
        .map((line) => `${line}\n`)
        .join(''),
    )
  } catch (error) {
    end(command, (error as Error).message, failed)
  }
}

const stored = (path: string): Promise<readonly Incident[]> => withStore(path, (store) => store.incidents())

async function withStore<T>(path: string, read: (store: AuditorStore) => T): Promise<T> {
  if (!existsSync(path)) throw new Error(`${path}: no such file`)
  const { sqliteAuditorStore } = await import('../node/store/sqlite-auditor-store.ts')
  const { storeVersion } = await import('../node/store/inspect.ts')
  // Opened as a store, another version would become this release's.
  const version = storeVersion(path)
  if (version === 0) throw new Error(`${path}: empty, no auditor has run on it`)
  if (version !== schemaVersion)
    throw new Error(
      `${path}: schema version ${version}, which \`ctor auditor\` brings to ${schemaVersion} when it starts`,
    )
  const store = sqliteAuditorStore({ path })
  try {
    return read(store)
  } finally {
    await store.close()
  }
}

/** Samples of all kinds and logs are some megabytes. */
const maxAnswerBytes = 64 * 1024 * 1024
const answerMs = 30_000

function httpUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text
  throw new InvalidArgumentError('A URL such as http://127.0.0.1:8289 is wanted.')
}

async function fetched(base: string): Promise<readonly Incident[]> {
  const { request } = await import('undici')
  const url = new URL(incidentsPath, base)
  const { statusCode, body } = await request(url)
  const read = await readBody(body, maxAnswerBytes, answerMs)
  if (!read.ok) body.destroy()
  if (statusCode !== 200) throw new Error(`${url}: answered ${statusCode}`)
  if (!read.ok) throw new Error(`${url}: ${read.error}`)
  const incidents = incidentsShape.safeParse(parseJson(read.bytes))
  if (!incidents.success) throw new Error(`${url}: answered what is no list of incidents`)
  return incidents.data
}

const head = ['id', 'kind', 'SFOs', 'first', 'last', 'told', 'log'] as const

export function incidentsTable(incidents: readonly Incident[]): string {
  if (incidents.length === 0) return 'no incidents\n'
  const rows = incidents.map(({ id, kind, count, firstAt, lastAt, notified, logId }) => [
    String(id),
    kind,
    String(count),
    new Date(firstAt).toISOString(),
    new Date(lastAt).toISOString(),
    notified ? 'yes' : 'no',
    logId,
  ])
  return table(head, rows)
}
