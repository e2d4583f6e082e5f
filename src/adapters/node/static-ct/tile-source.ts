// Where the files of a static-ct log come from: its monitoring prefix over HTTP, or a folder in the same layout that keeps a retired
// log [C2SP static-ct-api, "Monitoring APIs"; WIRE-013]. Invariant: never more than `maxBytes`, and from a folder nothing outside it.
import { constants } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Answer, Isolation } from '../../../effects/ports.ts'
import type { Agents } from '../agents.ts'
import { readOpen } from '../bounded-file.ts'
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
      return (await file.stat()).isFile() ? await readOpen(file, maxBytes) : missing
    } catch (error) {
      return failed(error)
    } finally {
      await file?.close()
    }
  },
}

/** As a web server would say it. */
const missing: Answer<never> = { kind: 'refused', status: 404 }

function failed(error: unknown): Answer<never> {
  const { code } = error as { readonly code?: string }
  return code === 'ENOENT' || code === 'ENOTDIR' ? missing : { kind: 'unreachable', detail: code ?? 'failed' }
}
