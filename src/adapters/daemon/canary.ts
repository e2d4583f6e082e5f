// The auditor's canary [AUD-026]: what a CTR would do, done to itself from outside. Invariant: it goes the whole way, over a fresh
// circuit to the public URL, with a CTR's proof, until the 200 that means durable.
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Clock } from '../../effects/ports.ts'
import type { Auditor } from '../../machines/tor/types.ts'
import type { Agents } from '../node/agents.ts'
import { httpAuditorClient } from '../node/auditor-client.ts'
import { ctrProver, readKey } from '../node/ctr-key.ts'

export interface CanaryParts {
  readonly agents: Agents
  readonly clock: Clock
  readonly consensusDigest: () => string | null
  readonly auditor: Omit<Auditor, 'url'>
}

/** @throws Error where the SFO or the key cannot be read. */
export async function canaryOf(
  { sfo, key, url }: { readonly sfo: string; readonly key: string; readonly url: string },
  { agents, clock, consensusDigest, auditor }: CanaryParts,
): Promise<(signal: AbortSignal) => Promise<boolean>> {
  const body = await readFile(sfo)
  const identity = await readKey(key)
  if (!identity.ok) throw new Error(`canary.key: ${identity.detail}`)
  const client = httpAuditorClient(agents, ctrProver({ identity: identity.value, clock, consensusDigest }))
  return async (signal) => {
    const answer = await client.report({ ...auditor, url }, body, `canary-${randomUUID()}`, signal)
    return answer.kind === 'ok'
  }
}
