// The closed set of error codes of the effects layer. Log lines, answers' details and replies carry the code; the sentence is
// for people. Invariant: a code is never renamed or reused, and no detail carries anything of an SFO [RELAY-026].

export const effectErrors = {
  deadlineExceeded: 'no answer within the deadline',
  aborted: 'the round or the daemon ended before there was an answer',
  portFailed: 'an adapter threw instead of answering: a defect of the adapter',
  limitReached: 'too many requests run and wait already',
  breakerOpen: 'the circuit breaker is open: the log failed wholesale, and its next probe is not due yet',
  mailboxFull: 'too many events wait for the machine',
  handlerFailed: 'an effect handler threw: a defect',
  machineFailed: 'a machine refused an event of its own alphabet: a defect',
  backlogFull: 'too many submissions wait for their validation',
  badSthSignature: 'a consensus announces an STH that its log did not sign',
  noLiveConsensus: 'no consensus is live: the newest one has ended, or there was none yet',
  consensusUnavailable: 'no newer verified consensus could be had',
  badStoredConsensus: 'the consensus kept from the last run does not parse and is left out',
  noBody: 'the SFO is no longer in the memory store',
  noAuditor: 'the consensus names no such auditor any more',
  publishFailed: 'no onion service could be published',
  storeFull: 'the store is full',
  storeFailed: 'the store did not make a write durable',
  notifyFailed: 'the notifier did not take an incident; it is told again',
  ctrAlert: 'a CTR reports more than chance explains',
  canaryFailed: "the auditor's own test SFO did not come back: it may be cut off",
  unauthenticated: 'no valid proof to be a CTR',
  nonceUnknown: 'the nonce is none of this auditor, was used, or expired',
  busy: 'the submission could not be made durable in time',
  consensusBehind: 'the SFO is of a log that only a newer consensus lists; this auditor has not taken it yet',
  stopped: 'the daemon is stopping',
} as const

export type EffectError = keyof typeof effectErrors
