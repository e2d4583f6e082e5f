// The port `Notifier`: one JSON line an incident in `alerts.jsonl`, and an error line in the log [AUD-012, AUD-023].
// Invariant: an incident's id is in the file once, also when a crash lies between writing the line and recording that it was written.
import { type FileHandle, open } from 'node:fs/promises'
import type { Incident, Logger, Notifier } from '../../effects/ports.ts'

/** Only ids of the last 4 MiB are recognised: older incidents were recorded as notified long ago. */
const tailBytes = 4 * 1024 * 1024

export interface AlertsFile extends Notifier {
  close(): Promise<void>
}

/** @throws Error where the file cannot be opened for reading and appending. */
export async function alertsFile(path: string, logger: Logger): Promise<AlertsFile> {
  const file = await open(path, 'a+', 0o600)
  const known = await idsIn(file)
  let last: Promise<void> = Promise.resolve()

  const append = async (incident: Incident): Promise<void> => {
    if (known.has(incident.id)) return
    await file.appendFile(`${JSON.stringify(lineOf(incident))}\n`)
    await file.datasync()
    known.add(incident.id)
    const { id, kind, logId, count } = incident
    logger.error({ incident: id, kind, logId, count }, 'incident: please investigate')
  }

  return {
    notify(incident) {
      const done = last.then(() => append(incident))
      last = done.catch(() => {})
      return done
    },
    async close() {
      await last
      await file.close()
    },
  }
}

/** What a human needs first; the evidence itself is in the store, under the incident's id. */
function lineOf({ id, kind, logId, count, firstAt, lastAt, samples }: Incident) {
  const sfoIds = samples.flatMap(({ sfoId }) => (sfoId === null ? [] : [sfoId]))
  const at = (ms: number) => new Date(ms).toISOString()
  return { id, kind, logId, count, firstAt: at(firstAt), lastAt: at(lastAt), sfoIds }
}

/** A torn last line is completed by a line end, so that the next line is whole; its id counts only if it parses. */
async function idsIn(file: FileHandle): Promise<Set<number>> {
  const { size } = await file.stat()
  const start = Math.max(0, size - tailBytes)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
  const text = buffer.toString('utf8', 0, bytesRead)
  if (text !== '' && !text.endsWith('\n')) await file.appendFile('\n')
  return new Set(text.split('\n').flatMap(idOf))
}

function idOf(line: string): number[] {
  try {
    const { id } = JSON.parse(line)
    return Number.isSafeInteger(id) ? [id] : []
  } catch {
    return []
  }
}
