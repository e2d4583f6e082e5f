// `GETINFO` as directory documents need it: over one control connection that is made when it is needed [control-spec 3.9, CONS-008].
// Invariant: what tor does wrong ends as one of the answers; a connection that is gone is made anew by the next question.
import type { Answer } from '../../../effects/ports.ts'
import type { Result } from '../../../machines/ct/types.ts'
import { type ControlPort, getInfo, openControl } from './control.ts'
import { type ControlConnection, type ControlError, controlLimits } from './control-connection.ts'
import type { GetInfo } from './directory.ts'

export interface ControlInfo {
  readonly getInfo: GetInfo
  close(): Promise<void>
}

export function controlInfo(at: ControlPort): ControlInfo {
  let current: Promise<Result<ControlConnection, ControlError>> | null = null

  const connection = () => {
    current ??= openControl(at, controlLimits).then((opened) => {
      if (opened.ok) opened.value.closed.then(forget)
      else forget()
      return opened
    })
    return current
  }
  const forget = () => {
    current = null
  }

  return {
    async getInfo(key, maxBytes, signal) {
      const opened = await connection()
      signal.throwIfAborted()
      if (!opened.ok) return failed(opened.error)
      const asked = await getInfo(opened.value, key, maxBytes)
      signal.throwIfAborted()
      return asked.ok ? { kind: 'ok', value: asked.value } : failed(asked.error)
    },
    async close() {
      const opened = await current
      if (opened?.ok) opened.value.close()
    },
  }
}

function failed(error: ControlError): Answer<never> {
  // 552: what tor says to a key that it does not know or has no value for.
  if (error === 'refused') return { kind: 'refused', status: 552 }
  if (error === 'malformed' || error === 'tooLarge') return { kind: 'malformed', detail: error }
  return { kind: 'unreachable', detail: error }
}
