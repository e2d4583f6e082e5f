// Where the files of a static-ct log come from: its monitoring prefix over HTTP, or a folder in the same layout that keeps a retired
// log [C2SP static-ct-api, "Monitoring APIs"; WIRE-013]. Invariant: never more than `maxBytes`, and from a folder nothing outside it.
import { constants } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Answer, Isolation } from '../../../effects/ports.ts'
import type { Agents } from '../agents.ts'
import { exchange } from '../http/exchange.ts'

export interface TileSource {
  /** `path` is below the monitoring prefix. @throws AbortError when the signal fired. */
  read(
    monitoringUrl: string,
    path: string,
    maxBytes: number,
    isolation: Isolation,
    signal: AbortSignal,
  ): Promise<Answer<Uint8Array>>
}

/** A `file:` URL is an archive; a consensus cannot name one [CONS-001.7], only who configures this party can. */
export function tileSource(agents: Agents): TileSource {
  const http = httpSource(agents)
  return {
    read: (monitoringUrl, ...rest) => (monitoringUrl.startsWith('file:') ? archive : http).read(monitoringUrl, ...rest),
  }
}

function httpSource(agents: Agents): TileSource {
  return {
    read: (monitoringUrl, path, maxAnswerBytes, isolation, signal) =>
      exchange(agents, isolation, { method: 'GET', url: `${monitoringUrl}/${path}`, maxAnswerBytes }, signal),
  }
}

const archive: TileSource = {
  async read(monitoringUrl, path, maxBytes, _isolation, signal) {
    signal.throwIfAborted()
    let file: FileHandle | undefined
    try {
      const folder = await realpath(fileURLToPath(monitoringUrl))
      const place = await realpath(join(folder, path))
      if (!place.startsWith(folder + sep)) return missing
      // A pipe in an archive must not hold its reader.
      file = await open(place, constants.O_RDONLY | constants.O_NONBLOCK)
      return await readFile(file, maxBytes)
    } catch (error) {
      return failed(error)
    } finally {
      await file?.close()
    }
  },
}

async function readFile(file: FileHandle, maxBytes: number): Promise<Answer<Uint8Array>> {
  if (!(await file.stat()).isFile()) return missing
  const bytes = new Uint8Array(maxBytes + 1)
  let length = 0
  for (;;) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length, length)
    if (bytesRead === 0) return { kind: 'ok', value: bytes.slice(0, length) }
    length += bytesRead
    if (length > maxBytes) return { kind: 'malformed', detail: 'bodyTooLarge' }
  }
}

/** As a web server would say it. */
const missing: Answer<never> = { kind: 'refused', status: 404 }

function failed(error: unknown): Answer<never> {
  const { code } = error as { readonly code?: string }
  return code === 'ENOENT' || code === 'ENOTDIR' ? missing : { kind: 'unreachable', detail: code ?? 'failed' }
}
