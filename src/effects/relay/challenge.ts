// Step 4: the logs are asked to prove inclusion [RELAY-104, RELAY-004, RELAY-010, RELAY-015]. Invariant: each challenge of the effect
// is answered by exactly one `challenged` event, by the step's deadline.
import { type Judgement, judgeInclusion } from '../../machines/ct/challenge.ts'
import { leafHashOf } from '../../machines/ct/leaf.ts'
import type { InclusionProof, Log } from '../../machines/ct/types.ts'
import type { Challenge, RelayEffect } from '../../machines/relay/types.ts'
import { ask } from '../ask.ts'
import { freshIsolation } from '../draw.ts'
import { each } from '../each.ts'
import type { Answer, Isolation } from '../ports.ts'
import { type RelayWorld, type RoundScope, runStep } from './world.ts'

type ChallengeEffect = Extract<RelayEffect, { type: 'challenge' }>
/** `answer`: null where the log was not asked, or did not answer in time. */
type Asked = { readonly answer: Answer<InclusionProof> | null; readonly breakerOpen: boolean }

export function challengeLogs(world: RelayWorld, scope: RoundScope, { groups }: ChallengeEffect): Promise<void> {
  const open = new Map(groups.flatMap(({ logId, challenges }) => challenges.map((one) => [one.leafId, { logId, one }])))
  // As it is when the step begins: the machine may have ended the round when an answer comes.
  const taken = world.state().context.round?.taken

  function answer(challenge: Challenge, { answer, breakerOpen }: Asked) {
    if (!open.delete(challenge.leafId)) return
    const { leafId, sfoId, sth } = challenge
    const leaf = taken?.get(sfoId)
    const judged = leaf === undefined || answer === null ? silence : judgeInclusion(world.crypto, leaf, sth, answer)
    const { outcome, proof } = judged
    const pair = outcome === 'proven' ? { leafId, sth, proof } : null
    world.tools.count('relay_challenges_total', { outcome })
    world.tools.gauge('relay_breakers_open', world.breakers.open)
    const at = world.clock.now()
    scope.send({ type: 'challenged', round: scope.number, leafId, outcome, pair, breakerOpen, at })
  }

  const work = (signal: AbortSignal) =>
    each(groups, world.limits.concurrentLogs, signal, ({ logId, challenges }) =>
      each(challenges, world.limits.challengesPerLog, signal, async (challenge) => {
        const leafIndex = taken?.get(challenge.sfoId)?.leafIndex ?? null
        const placed = { ...challenge, leafIndex }
        answer(challenge, await askLog(world, scope.logOf(logId), placed, scope.isolationOf(logId), signal))
      }),
    )

  return runStep(world, scope, 'challenge', work, () => {
    for (const { logId, one } of [...open.values()]) {
      answer(one, { answer: null, breakerOpen: world.breakers.isOpen(logId) })
    }
  })
}

/** With the place that a static-ct log promised; null where there is none. */
type PlacedChallenge = Challenge & { readonly leafIndex: number | null }

const silence: Judgement = { outcome: 'unreachable', proof: null }

/** At most two attempts, the second on a fresh circuit, each only where the log's breaker lets it pass. */
async function askLog(
  world: RelayWorld,
  log: Log | undefined,
  challenge: PlacedChallenge,
  circuit: Isolation,
  signal: AbortSignal,
): Promise<Asked> {
  if (log === undefined) return { answer: null, breakerOpen: false }
  let answer: Answer<InclusionProof> | null = null
  for (const isolation of [circuit, freshIsolation(world.random)]) {
    if (world.breakers.pass(log.logId) === 'open') return { answer, breakerOpen: true }
    answer = await askOnce(world, log, challenge, isolation, signal)
    if (signal.aborted) world.breakers.release(log.logId)
    else world.breakers.report(log.logId, answer.kind !== 'unreachable')
    if (answer.kind !== 'unreachable') break
  }
  return { answer, breakerOpen: world.breakers.isOpen(log.logId) }
}

function askOnce(
  { clock, limits, logs }: RelayWorld,
  log: Log,
  { leafId, leafIndex, sth }: PlacedChallenge,
  isolation: Isolation,
  signal: AbortSignal,
): Promise<Answer<InclusionProof>> {
  const leaf = { leafHash: leafHashOf(leafId), leafIndex }
  return ask(clock, signal, limits.challengeMs, (ending) => logs.getInclusion(log, leaf, sth, isolation, ending))
}
