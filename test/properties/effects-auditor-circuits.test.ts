// Submission circuits of an auditor: how many nonces are out, whose proof is heard, and who is turned away with which answer.
import { expect, test } from 'vitest'
import { answered, auditorDesk, deskConsensus, joined, proof, verdict } from './fakes/auditor-desk.ts'
import { foreign, minute, startAt, worlds } from './fakes/ct-world.ts'
import { fakeCtrs, stranger } from './fakes/ctr.ts'

const [logA, logB] = worlds
const bodyOf = ({ sfos }: (typeof worlds)[number], n = 0) => sfos[n]?.body ?? new Uint8Array()
const reply = (status: number, error: string) => ({ status, error })
const isOpen = (n: number) => ['gauge', 'auditor_circuits_open', n, {}]

test('who proves nothing, or with a nonce that is none of ours, was used, or has expired, is answered 401 [AUD-002.1, AUD-101.1]', async () => {
  const { challenge, hand, heard, prove, clock, calls, written } = auditorDesk()
  const body = bodyOf(logA)
  expect(await hand(undefined, body)).toEqual(reply(401, 'unauthenticated'))
  expect(heard()).toEqual([answered('401', 'unauthenticated')])
  expect(await hand('no proof', body)).toEqual(reply(401, 'badProof'))
  expect(heard()).toEqual([proof('malformed'), answered('401', 'badProof')])
  const nonce = challenge()
  expect([nonce, heard()]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), [isOpen(1)]])
  expect(await hand(prove(nonce), foreign.body)).toEqual({ status: 200, error: null })
  expect(heard()).toEqual([proof('ok'), verdict('unknownLog'), answered('200')])
  expect(await hand(prove(nonce), body)).toEqual(reply(401, 'nonceUnknown'))
  expect(heard()).toEqual([proof('nonceUnknown'), answered('401', 'nonceUnknown')])
  const late = challenge()
  heard()
  await clock.advance(minute)
  expect(await hand(prove(late), body)).toEqual(reply(401, 'nonceExpired'))
  expect(heard()).toEqual([proof('ok'), answered('401', 'nonceExpired')])
  expect([calls, written]).toEqual([{ ahead: 0, notify: 0 }, ['insert']])
})

test('a proof that no known consensus verifies is badProof, one by a relay that is no CTR 403 whatever it submits, and neither stays open [AUD-002.2, AUD-101.1]', async () => {
  const { submit, heard, challenge, calls, newest, written } = auditorDesk()
  expect(await submit(bodyOf(logA), '00'.repeat(32))).toEqual(reply(401, 'badProof'))
  expect([heard(), calls.ahead]).toEqual([[proof('badSignature'), answered('401', 'badProof')], 1])
  expect(await submit(bodyOf(logA), newest.digest, stranger)).toEqual(reply(403, 'notCtr'))
  expect([heard(), calls.ahead]).toEqual([[proof('notListed'), answered('403', 'notCtr')], 1])
  expect(await submit(new TextEncoder().encode('no SFO'), newest.digest, stranger)).toEqual(reply(403, 'notCtr'))
  heard()
  challenge()
  expect([heard(), written]).toEqual([[isOpen(1)], []])
})

test('nonces are out in a bounded number; those that expired, or were given in a future that a clock set back has left, make room [AUD-002.1]', async () => {
  const { challenge, hand, heard, prove, clock } = auditorDesk({ limits: { circuits: 2 } })
  const first = challenge()
  await clock.advance(minute / 2)
  expect([challenge(), challenge()]).toEqual([expect.any(String), null])
  await clock.advance(minute / 2 - 1)
  expect(challenge()).toBe(null)
  heard()
  await clock.advance(1)
  expect([challenge(), challenge(), heard()]).toEqual([expect.any(String), null, [isOpen(2)]])
  expect(await hand(prove(first), bodyOf(logA))).toEqual(reply(401, 'nonceUnknown'))
  const set = auditorDesk({ limits: { circuits: 2 } })
  expect([set.challenge(), set.challenge(), set.challenge()]).toEqual([expect.any(String), expect.any(String), null])
  await set.clock.advance(-1)
  set.heard()
  expect([set.challenge(), set.heard()]).toEqual([expect.any(String), [isOpen(1)]])
})

test('a CTR is heard by the consensus that it has before the round, but not of a log that only this one lists [AUD-002.2]', async () => {
  const live = deskConsensus(startAt - 2 * minute, { logs: [logA.log] })
  const ahead = deskConsensus(startAt - minute, { logs: [logA.log, logB.log] })
  const { submit, heard, written, calls } = auditorDesk({ live, recent: [live], ahead })
  const twoLogs = joined(new TextEncoder().encode('[{}]'), bodyOf(logA), bodyOf(logB))
  expect(await submit(twoLogs, ahead.digest)).toEqual(reply(503, 'consensusBehind'))
  expect([heard(), written]).toEqual([[proof('ok'), answered('503', 'consensusBehind')], []])
  expect(await submit(joined(bodyOf(logA), foreign.body), ahead.digest)).toEqual({ status: 200, error: null })
  expect(heard()).toEqual([proof('ok'), verdict('valid'), verdict('unknownLog'), answered('200')])
  expect(calls.ahead).toBe(2)
  expect(await submit(bodyOf(logB), live.digest)).toEqual({ status: 200, error: null })
  expect([heard(), calls.ahead]).toEqual([[proof('ok'), verdict('unknownLog'), answered('200')], 2])
})

test('where no consensus is live every submission of a CTR in the format is 503, and one that is not 400 [CONS-001.8]', async () => {
  const { submit, heard, written, newest } = auditorDesk({ live: null })
  expect(await submit(bodyOf(logA))).toEqual(reply(503, 'noLiveConsensus'))
  expect([heard(), written]).toEqual([[proof('ok'), answered('503', 'noLiveConsensus')], []])
  expect(await submit(new TextEncoder().encode('{}'), newest.digest, fakeCtrs[1])).toEqual(reply(400, 'notSfoList'))
  expect(heard()).toEqual([proof('ok'), answered('400', 'notSfoList')])
})
