// The port `PeerClient`: what a relay sends to other relays [RELAY-105, RELAY-106, RELAY-107]. Invariant: an accepted submission is a
// 200 and nothing else; what a peer serves is bounded in bytes and pairs, and unverified.
import type { Answer, Isolation, PeerClient } from '../../effects/ports.ts'
import { utf8 } from '../../machines/ct/bytes.ts'
import { decodeOnionAddress } from '../../machines/tor/onion-address.ts'
import type { Agents } from './agents.ts'
import { attempt, exchange } from './http/exchange.ts'
import { hopsHeader, onionAddressPath, proofsPath, sctFeedbackPath } from './http/paths.ts'
import { decodeProofSet } from './http/proof-set.ts'

/** Replies to a relay are empty or one short code. */
const maxReplyBytes = 4 * 1024
export const maxProofSetBytes = 1024 * 1024

const json = { 'content-type': 'application/json' }

/** Where an onion service is reached: `host` is what its requests name. Null where the address means nothing here. */
export type OnionResolver = (address: string) => { readonly origin: string; readonly host: string } | null

/** A v3 address, which Tor resolves. */
export const resolveTorOnion: OnionResolver = (address) =>
  decodeOnionAddress(address) === null ? null : { origin: `http://${address}`, host: address }

export function httpPeerClient(agents: Agents, resolve: OnionResolver): PeerClient {
  const post = async (
    url: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
    isolation: Isolation,
    signal: AbortSignal,
  ): Promise<Answer<null>> => {
    const outgoing = { method: 'POST', url, headers, body, maxAnswerBytes: maxReplyBytes } as const
    const answer = await exchange(agents, isolation, outgoing, signal)
    return answer.kind === 'ok' ? { kind: 'ok', value: null } : answer
  }

  return {
    submitSfo: (url, body, hops, isolation, signal) =>
      post(`${url}${sctFeedbackPath}`, { ...json, [hopsHeader]: String(hops) }, body, isolation, signal),

    sendAddress: (url, address, isolation, signal) =>
      post(`${url}${onionAddressPath}`, json, utf8(JSON.stringify({ address })), isolation, signal),

    connect: (url, isolation, signal) => touch(agents, url, isolation, signal),

    async fetchProofs(address, limit, isolation, signal) {
      const service = resolve(address)
      if (service === null) return { kind: 'unreachable', detail: 'noSuchService' }
      const url = `${service.origin}${proofsPath}`
      const headers = { host: service.host }
      const outgoing = { method: 'GET', url, headers, maxAnswerBytes: maxProofSetBytes } as const
      const answer = await exchange(agents, isolation, outgoing, signal)
      if (answer.kind !== 'ok') return answer
      const set = decodeProofSet(answer.value, limit)
      return set.ok ? { kind: 'ok', value: set.value } : { kind: 'malformed', detail: set.detail }
    },
  }
}

/** Opens a connection as a submission would, and closes it: from outside they differ in the bytes sent alone [RELAY-025]. */
function touch(agents: Agents, url: string, isolation: Isolation, signal: AbortSignal): Promise<Answer<null>> {
  return attempt(agents, isolation, signal, (_dispatcher, connect, within) => {
    const { protocol, host, hostname, port } = new URL(url)
    return new Promise((settle, reject) => {
      const onAbort = () => reject(within.reason)
      within.addEventListener('abort', onAbort, { once: true })
      connect({ protocol, host, hostname, port }, (error, socket) => {
        within.removeEventListener('abort', onAbort)
        socket?.destroy()
        if (error === null) settle({ kind: 'ok', value: null })
        else reject(error)
      })
    })
  })
}
