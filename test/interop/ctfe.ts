// A real RFC 6962 log on loopback: certificate-transparency-go's ct_server, on Trillian, on PostgreSQL.
// Invariant: `cut` stops ct_server alone; the tree behind it goes on.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { built, ctServer, moduleFolder, trillian } from './install.ts'
import { pemOf } from './pem.ts'
import { postgresPrograms, startPostgres } from './postgres.ts'
import { answers, freePort, type Running, start } from './process.ts'
import { newLogKey, type RealLog, submitterTo } from './real-log.ts'

/** What the log's configuration promises; RFC 6962 logs promise a day, tests count in seconds. */
const mmdSeconds = 4
const prefix = 'ctor'

/** Folders of the binaries. @throws Error with one line that says what is missing. */
export function ctfePrograms(): { readonly server: string; readonly backend: string } {
  postgresPrograms()
  return { server: join(built(ctServer), 'ct_server'), backend: built(trillian) }
}

export async function startCtfe(folder: string, roots: readonly Uint8Array[]): Promise<RealLog> {
  const { server, backend } = ctfePrograms()
  const postgres = await startPostgres(join(folder, 'postgres'))
  postgres.load(join(moduleFolder(trillian), 'storage/postgresql/schema/storage.sql'))
  const stops: (() => Promise<void>)[] = [postgres.stop]
  const close = async () => {
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop()
  }
  try {
    const rpc = await startBackend(backend, postgres.uri, stops)
    const { key, spki, logId } = newLogKey()
    const config = join(folder, 'ct_server.cfg')
    writeFileSync(join(folder, 'roots.pem'), roots.map(pemOf).join(''))
    writeFileSync(
      config,
      configText(createTree(backend, rpc), join(folder, 'roots.pem'), key.export({ type: 'pkcs8', format: 'der' })),
    )
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/${prefix}`
    const args = [`--log_config=${config}`, `--log_rpc_server=${rpc}`, `--http_endpoint=127.0.0.1:${port}`]
    const run = () => start({ file: server, args }, () => answers(`${url}/ct/v1/get-sth`))
    let running: Running = await run()
    stops.push(() => running.stop())
    const mend = async () => {
      running = await run()
    }
    return {
      name: 'ct_server on Trillian',
      log: { logId, key: Buffer.from(spki).toString('base64'), mmd: mmdSeconds * 1000, url },
      ...submitterTo(url),
      async restart() {
        await running.stop()
        await mend()
      },
      cut: () => running.stop(),
      mend,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Server and signer; answers the server's address. */
async function startBackend(folder: string, uri: string, stops: (() => Promise<void>)[]): Promise<string> {
  const storage = ['--storage_system=postgresql', `--postgresql_uri=${uri}`, '--quota_system=noop']
  const ports = [await freePort(), await freePort(), await freePort()]
  const [rpc = '', http = '', signerHttp = ''] = ports.map((port) => `127.0.0.1:${port}`)
  const server = {
    file: join(folder, 'trillian_log_server'),
    args: [...storage, `--rpc_endpoint=${rpc}`, `--http_endpoint=${http}`],
  }
  const running = await start(server, () => answers(`http://${http}/healthz`))
  stops.push(() => running.stop())
  const timing = ['--sequencer_interval=100ms', '--force_master', `--rpc_endpoint=127.0.0.1:${await freePort()}`]
  const signer = {
    file: join(folder, 'trillian_log_signer'),
    args: [...storage, ...timing, `--http_endpoint=${signerHttp}`],
  }
  const signing = await start(signer, () => answers(`http://${signerHttp}/healthz`))
  stops.push(() => signing.stop())
  return rpc
}

/** A tree that has a new root each second, whether or not it grew. */
function createTree(folder: string, rpc: string): string {
  const args = [`--admin_server=${rpc}`, '--max_root_duration=1s']
  const { status, stdout, stderr } = spawnSync(join(folder, 'createtree'), args, { encoding: 'utf8', timeout: 60_000 })
  if (status !== 0) throw new Error(`createtree failed: ${stderr}`)
  return stdout.trim()
}

function configText(treeId: string, rootsFile: string, key: Buffer): string {
  const der = [...key].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  return [
    'config {',
    `  log_id: ${treeId}`,
    `  prefix: "${prefix}"`,
    `  roots_pem_file: "${rootsFile}"`,
    `  private_key { [type.googleapis.com/keyspb.PrivateKey] { der: "${der}" } }`,
    `  max_merge_delay_sec: ${mmdSeconds}`,
    '  expected_merge_delay_sec: 1',
    '}',
    '',
  ].join('\n')
}
