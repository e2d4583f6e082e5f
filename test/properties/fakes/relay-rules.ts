// What must hold of every run of a relay, read off its journal [INV-002, INV-003, INV-006, RELAY-021]. Invariant: each function answers
// a list of violations in words; an empty list is the only good one.

import { relayEffect, relayEvent } from '../../../src/effects/vocabulary/relay.ts'
import { verifyPair } from '../../../src/machines/ct/challenge.ts'
import { heldCount } from '../../../src/machines/relay/counters.ts'
import type { RelayEffect } from '../../../src/machines/relay/types.ts'
import { crypto, worldOf } from './ct-world.ts'
import type { RelayHarness } from './relay-ports.ts'

type Of<T extends RelayEffect['type']> = Extract<RelayEffect, { type: T }>

/** Each question of an effect is answered once, before its step is done; nothing is asked or answered outside its round. */
export function answeredOnce({ journal }: RelayHarness): string[] {
  const faults: string[] = []
  const open = new Map<string, number>()
  let ended = 0
  for (const { event, step } of journal) {
    const round = 'round' in event ? event.round : null
    if (round !== null && round <= ended) faults.push(`${event.type} of round ${round} after its end`)
    if (event.type === 'challenged') close(`challenge ${event.leafId}`)
    if (event.type === 'delivered') close(`deliver ${event.ctrId} ${event.sfoId}`)
    if (event.type === 'reported') close(`report ${event.sfoId}`)
    if (event.type === 'stepDone') close(`step ${event.step}`)
    for (const effect of step.effects) {
      if (effect.type === 'endRound') ended = effect.round
      for (const question of questionsOf(effect)) {
        if (open.has(question)) faults.push(`asked twice at a time: ${question}`)
        open.set(question, step.state.context.roundNumber)
      }
    }
    if (step.state.context.round === null) {
      for (const question of open.keys()) if (!question.startsWith('report')) open.delete(question)
    }
  }
  return faults

  function close(question: string) {
    if (!open.delete(question)) faults.push(`answered without a question: ${question}`)
  }
}

function questionsOf(effect: RelayEffect): readonly string[] {
  switch (effect.type) {
    case 'challenge':
      return [
        'step challenge',
        ...effect.groups.flatMap((group) => group.challenges.map(({ leafId }) => `challenge ${leafId}`)),
      ]
    case 'forward':
      return ['step forward', ...deliveries(effect)]
    case 'connect':
    case 'fetch':
    case 'announce':
      return [`step ${effect.type}`]
    case 'forgetProofs':
      return ['step rotate']
    case 'emptyBuckets':
      return ['step empty']
    case 'report':
      return [`report ${effect.sfoId}`]
    default:
      return []
  }
}

function deliveries({ deliveries }: Of<'forward'>): readonly string[] {
  return deliveries.flatMap(({ ctr, sfoIds }) => sfoIds.map((sfoId) => `deliver ${ctr.ctrId} ${sfoId}`))
}

/** At the end of a step's effect every one of its questions had been answered. */
export function stepsComplete({ journal }: RelayHarness): string[] {
  const faults: string[] = []
  let open = new Set<string>()
  for (const { event, step } of journal) {
    if (event.type === 'challenged') open.delete(`challenge ${event.leafId}`)
    if (event.type === 'delivered') open.delete(`deliver ${event.ctrId} ${event.sfoId}`)
    if (event.type === 'stepDone') for (const left of open) faults.push(`${event.step} done, but open: ${left}`)
    if (event.type === 'deadline') open = new Set()
    for (const effect of step.effects) {
      for (const question of questionsOf(effect)) if (/^(challenge|deliver) /.test(question)) open.add(question)
    }
  }
  return faults
}

/** A round has ended by its deadline, and then holds nothing any more [INV-002]. */
export function roundsInTime({ journal, clock, engine }: RelayHarness): string[] {
  const faults: string[] = []
  let due: number | null = null
  for (const { event, step } of journal) {
    if (due !== null && event.at > due) faults.push(`a round still runs ${event.at - due} ms after its deadline`)
    for (const effect of step.effects) {
      if (effect.type === 'startDeadline') due = event.at + effect.ms
      if (effect.type !== 'endRound') continue
      due = null
      if (step.state.context.round !== null || step.state.value !== 'passive') faults.push('an ended round goes on')
    }
  }
  if (due !== null && clock.now() > due) faults.push(`the round of ${engine.state().context.roundNumber} never ended`)
  return faults
}

/** Only pairs that hold against this relay's own STHs are kept [INV-003]. */
export function onlyTruePairs({ engine, store }: RelayHarness): string[] {
  const leafIds = [...engine.state().context.proofs.keys()]
  const pairs = store.getPairs(leafIds)
  const faults = pairs
    .filter((pair) => !verifyPair(crypto, pair, worldOf(pair.sth.logId).sths))
    .map((pair) => `a false pair was kept: ${pair.leafId}`)
  if (pairs.length !== leafIds.length || store.pairCount !== leafIds.length)
    faults.push(`${leafIds.length} proofs, ${pairs.length} of ${store.pairCount} pairs in the store`)
  return faults
}

/** received = proven + forwarded + reported + held + expired + dropped, after every event [INV-006]. */
export function balanced({ journal }: RelayHarness): string[] {
  const faults: string[] = []
  for (const { step } of journal) {
    const { counters } = step.state.context
    const dropped = Object.values(counters.dropped).reduce((sum, count) => sum + count, 0)
    const { proven, forwarded, reported, expired } = counters
    const sum = proven + forwarded + reported + expired + dropped + heldCount(step.state.context)
    if (sum !== counters.received) faults.push(`${counters.received} received, ${sum} accounted for`)
  }
  return faults
}

/** Where no submission waits: the store holds exactly what is held, and the metrics tell the same [INV-006]. */
export function conserved({ engine, store, kept }: RelayHarness): string[] {
  const faults: string[] = []
  const { context } = engine.state()
  if (store.sfoCount !== heldCount(context)) faults.push(`${store.sfoCount} stored, ${heldCount(context)} held`)
  const taken = kept.total('relay_submissions_total', { result: 'taken' }) - kept.total('relay_backlog_dropped_total')
  if (taken !== context.counters.received) faults.push(`${taken} taken in, ${context.counters.received} received`)
  const fates = kept.total('relay_sfos_total')
  if (fates + heldCount(context) !== context.counters.received) faults.push(`metrics count ${fates} fates`)
  return faults
}

/** No two requests share a circuit but challenges of one log in one round [RELAY-015]. */
export function circuitsApart({ calls }: RelayHarness): string[] {
  const users = new Map<string, string>()
  const faults: string[] = []
  for (const { port, isolation, target } of calls) {
    if (isolation === '') continue
    const known = users.get(isolation)
    if (known !== undefined && !(port === 'logs' && known === `logs ${target}`))
      faults.push(`${port} ${target} shares with ${known}`)
    users.set(isolation, `${port} ${target}`)
  }
  return faults
}

/** Every event and effect is what its schema says, and nothing an operator reads names an SFO [RELAY-026]. */
export function wellSpoken({ journal, kept }: RelayHarness): string[] {
  const faults: string[] = [...kept.unknown]
  const secrets = new Set<string>()
  for (const { event, step } of journal) {
    if (!relayEvent.safeParse(event).success) faults.push(`no event of the schema: ${JSON.stringify(event)}`)
    for (const effect of step.effects)
      if (!relayEffect.safeParse(effect).success) faults.push(`no effect of the schema: ${JSON.stringify(effect)}`)
    if (event.type === 'sfo') for (const secret of [event.sfo.sfoId, event.sfo.logId]) secrets.add(secret)
    if (event.type === 'sfo') secrets.add(event.sfo.leafId.slice(65))
  }
  const text = kept.text()
  for (const secret of secrets) if (text.includes(secret)) faults.push(`an operator reads ${secret}`)
  return faults
}

/** What holds in whatever order timers fire and answers come. */
export function timelessRules(harness: RelayHarness): string[] {
  return [answeredOnce, stepsComplete, onlyTruePairs, balanced, circuitsApart, wellSpoken].flatMap((rule) =>
    rule(harness),
  )
}

export function everyRule(harness: RelayHarness): string[] {
  return [...timelessRules(harness), ...roundsInTime(harness), ...conserved(harness)]
}
