// What a daemon's own tor and the files beside it say: control port replies, delegations, authorities' votes [WIRE-008, CONS-007, CONS-008].
import { isDeepStrictEqual } from 'node:util'
import { nodeCrypto } from '../../../src/adapters/node/crypto.ts'
import { authOffer } from '../../../src/adapters/node/tor/control-auth.ts'
import { type ControlReply, controlReader } from '../../../src/adapters/node/tor/control-reply.ts'
import { decodeDelegation } from '../../../src/adapters/node/tor/delegation.ts'
import { fromUtf8, latin1, toBase64 } from '../../../src/machines/ct/bytes.ts'
import type { Crypto } from '../../../src/machines/ct/types.ts'
import { certErrors, encodeDelegation, encodeSigningKeyCert } from '../../../src/machines/tor/ed25519-cert.ts'
import { readContent } from '../../../src/machines/tor/extension-document.ts'
import { mergeErrors, mergeVotes } from '../../../src/machines/tor/vote-merge.ts'
import { accepted, must, type Target } from '../target.ts'
import { listSeeds } from './seeds.ts'

/** Signatures count as made: no mutation could make one, and what lies behind them must be fuzzed too. */
const crypto: Crypto = { ...nodeCrypto(), verify: () => true }
const daemonKey = new Uint8Array(32).fill(3)
const maxBytes = 4096

type Heard = ControlReply | 'malformed' | 'tooLarge'

/** What is heard when the bytes come in parts that end at `ends`. */
function hear(input: Uint8Array, ends: readonly number[]): readonly Heard[] {
  const heard: Heard[] = []
  const tell = (one: Heard) => heard.push(one)
  const reader = controlReader({ reply: tell, failed: tell, maxBytes: () => maxBytes })
  let from = 0
  for (const end of [...ends, input.length]) {
    reader.push(Buffer.from(input.subarray(from, end)))
    from = end
  }
  return heard
}

function delegationSeed(): Uint8Array {
  const expiresAt = 1_800_000_000_000
  const [identity, signer] = [1, 2].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array]
  const sign = () => new Uint8Array(64)
  const certificate = encodeSigningKeyCert({ signingKey: signer, expiresAt }, identity, sign)
  const delegation = encodeDelegation({ signingKey: daemonKey, expiresAt }, signer, sign)
  const written = {
    version: 1,
    ctrId: '01'.repeat(32),
    certificate: toBase64(certificate),
    delegation: toBase64(delegation),
  }
  return Buffer.from(JSON.stringify(written))
}

const between = '\0'

export const torLocalTargets: readonly Target[] = [
  {
    name: 'control-reply',
    seeds: () =>
      [
        '250-PROTOCOLINFO 1\r\n250-AUTH METHODS=COOKIE,SAFECOOKIE COOKIEFILE="/run/tor/\\"a\\\\"\r\n250 OK\r\n',
        '250+dir/status-vote/current/consensus-microdesc=\r\nnetwork-status-version 3\r\n..\r\n.\r\n250 OK\r\n',
        '650 HS_DESC UPLOADED aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa UNKNOWN\r\n552 no such key\r\n',
      ].map((text) => Buffer.from(text)),
    run: (input) => {
      const whole = hear(input, [])
      const failures = whole.filter((one) => typeof one === 'string')
      must(
        failures.length <= 1 && failures.every((one) => one === whole.at(-1)),
        'something was said after the first error',
      )
      for (const reply of whole) if (typeof reply !== 'string') authOffer(reply)
      const parts = hear(input, [input.length >> 2, input.length >> 1])
      must(isDeepStrictEqual(parts, whole), 'the same bytes in parts are heard otherwise')
    },
  },
  {
    name: 'delegation',
    seeds: () => [delegationSeed()],
    run: (input) => {
      const codes = ['badFile', 'otherKey', ...Object.keys(certErrors)]
      accepted(decodeDelegation(crypto, fromUtf8(input) ?? '', daemonKey, 0), codes)
    },
  },
  {
    name: 'votes',
    seeds: () => listSeeds('mergeVotes', 'votes').map((votes) => Buffer.from(votes.join(between))),
    run: (input) => {
      const votes = latin1(input).split(between).slice(0, 9)
      const merged = accepted(mergeVotes(crypto, votes, votes.length), Object.keys(mergeErrors))
      if (merged === null) return
      must(readContent(crypto, merged).ok, 'what was merged is no content')
      const turned = accepted(mergeVotes(crypto, votes.toReversed(), votes.length), [])
      must(turned === merged, 'the order of votes matters')
    },
  },
]
