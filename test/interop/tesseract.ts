// A real TesseraCT with POSIX storage on loopback: a static-ct log by its authors' own program [static-ct-api].
// Invariant: submission is TesseraCT's, reading is its storage folder served as files, as its operators do.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveFiles } from './file-server.ts'
import { built, tesseract } from './install.ts'
import { pemOf } from './pem.ts'
import { answers, freePort, start } from './process.ts'
import { newLogKey, type RealLog, submitterTo } from './real-log.ts'

/** A checkpoint's origin is the submission prefix without scheme, and TesseraCT takes none with a port in it. */
const origin = 'tesseract.example/ctor'

/** TesseraCT promises a minute at most; tests count in seconds. */
const mmd = 2000

export async function startTesseract(folder: string, roots: readonly Uint8Array[]): Promise<RealLog> {
  const binary = join(built(tesseract), 'posix')
  const { key, spki, logId } = newLogKey()
  const storage = join(folder, 'storage')
  mkdirSync(storage, { recursive: true })
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const privateKey = file('key.pem', key.export({ type: 'sec1', format: 'pem' }).toString())
  const rootsFile = file('roots.pem', roots.map(pemOf).join(''))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const args = [
    `--private_key=${privateKey}`,
    `--roots_pem_file=${rootsFile}`,
    `--origin=${origin}`,
    `--storage_dir=${storage}`,
    `--http_endpoint=127.0.0.1:${port}`,
    '--checkpoint_interval=500ms',
    '--checkpoint_republish_interval=1s',
    '--batch_max_age=100ms',
  ]
  const run = () => start({ file: binary, args }, () => answers(`${url}/ct/v1/get-roots`))
  let running = await run()
  const files = await serveFiles(storage)
  return {
    name: 'TesseraCT',
    log: { logId, key: Buffer.from(spki).toString('base64'), mmd, url: `https://${origin}`, monitoringUrl: files.url },
    ...submitterTo(url),
    async restart() {
      await running.stop()
      running = await run()
    },
    cut: files.cut,
    mend: files.mend,
    async close() {
      await files.cut()
      await running.stop()
    },
  }
}
