// SFO API in front of the machine [RELAY-012, RELAY-111]: the format at once, validation after the reply. Invariant: every body that is
// the format is counted once: dropped from a full backlog, or handed to the machine as `sfo` or `invalidSfo`.
import type { SfoError } from '../../machines/ct/errors.ts'
import { decodeSfoBody, encodeSfoBody } from '../../machines/ct/sfo.ts'
import type { Result, Sfo } from '../../machines/ct/types.ts'
import { validator } from '../../machines/ct/validate.ts'
import type { Step } from '../../machines/kernel/machine.ts'
import { drawsNeeded } from '../../machines/relay/draws.ts'
import type { RelayContext, RelayEffect, RelayEvent } from '../../machines/relay/types.ts'
import type { RelayApi } from '../api.ts'
import { effectErrors } from '../errors.ts'
import { logIndex } from '../log-index.ts'
import type { RelayWorld } from './world.ts'

export interface Intake {
  submit: RelayApi['submit']
}

interface Submission {
  readonly sfo: Sfo
  readonly hops: number
  readonly receivedAt: number
}

/** `dispatch`: `taken` is called between the step and its effects. */
export function intake(
  world: RelayWorld,
  dispatch: (event: RelayEvent, taken: (step: Step<RelayContext, RelayEffect>) => void) => void,
): Intake {
  const backlog: Submission[] = []
  const validate = validator(world.crypto, { cacheSize: world.limits.issuerCache })
  const logOf = logIndex()

  /** Said once until the backlog has been worked off: whoever floods it must not fill the operator's log too. */
  let overrun = false

  /** One a turn, so that other work gets its own; a turn is due exactly while the backlog is not empty. */
  function next() {
    const submission = backlog.shift() as Submission
    if (backlog.length > 0) world.clock.after(0, next)
    else overrun = false
    judge(submission)
  }

  function judge({ sfo, hops, receivedAt }: Submission) {
    const { context } = world.state()
    const at = world.clock.now()
    const valid = validate(logOf(world.consensus(), sfo.sct.logId), sfo, receivedAt)
    if (!valid.ok) return world.dispatch({ type: 'invalidSfo', error: valid.error, at })
    const { future: _, ...ref } = valid.value
    const { sfoId, leafId, logId } = ref
    const draw = world.random.u32(drawsNeeded(context, 'sfo'))
    dispatch({ type: 'sfo', sfo: { ...ref, hops }, at, draw }, ({ disposition }) => {
      if (disposition !== 'accepted') return
      if (world.store.putSfo(sfoId, { leafId, logId, body: encodeSfoBody([sfo]) })) return
      // It can still be challenged; forwarding and reporting it fail, and it is counted there.
      world.tools.count('relay_store_full_total')
    })
  }

  /** Without a live consensus no SFO could be told from one of an unknown log: its sender is told to come again [CONS-001.8]. */
  function take(body: Uint8Array): Result<Sfo, SfoError | 'noLiveConsensus'> {
    const decoded = onlySfo(body)
    if (!decoded.ok || world.consensus() !== null) return decoded
    return { ok: false, error: 'noLiveConsensus', detail: effectErrors.noLiveConsensus }
  }

  function enqueue(sfo: Sfo, hops: number) {
    if (backlog.length >= world.limits.backlog) {
      world.tools.count('relay_backlog_dropped_total')
      if (!overrun) world.tools.warn('backlogFull')
      overrun = true
      return
    }
    backlog.push({ sfo, hops, receivedAt: world.clock.now() })
    if (backlog.length === 1) world.clock.after(0, next)
  }

  return {
    submit(body, hops) {
      const taken = take(body)
      world.tools.count('relay_submissions_total', { result: taken.ok ? 'taken' : taken.error })
      if (!taken.ok) return taken
      enqueue(taken.value, hops)
      return { ok: true, value: null }
    },
  }
}

function onlySfo(body: Uint8Array): Result<Sfo, SfoError> {
  const decoded = decodeSfoBody(body, 1)
  return decoded.ok ? (decoded.value[0] as Result<Sfo, SfoError>) : decoded
}
