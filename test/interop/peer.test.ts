// A peer's verdicts against ours: certificate-transparency-go and transparency-dev/merkle on the same SFOs and proofs [WIRE-003, WIRE-005].
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { builtPeer, ifAvailable } from './install.ts'
import { ownVerdict, type PeerCase, peerVerdicts } from './peer.ts'
import { inclusionCases, sfoCases } from './peer-cases.ts'

const crypto = nodeCrypto()
const peer = test.skipIf(ifAvailable('the peer', builtPeer) === null)

/** Those in which both differ, each with both reasons. */
function differences(cases: readonly PeerCase[]): readonly string[] {
  const theirs = peerVerdicts(cases)
  return cases.flatMap((one, i) => {
    const ours = ownVerdict(crypto, one)
    const theirVerdict = theirs[i]
    if (theirVerdict?.id === ours.id && theirVerdict.verdict === ours.verdict) return []
    return [`${one.id}: ours ${ours.verdict} (${ours.why}), peer ${theirVerdict?.verdict} (${theirVerdict?.why})`]
  })
}

peer(
  'at least 1,000 SFOs, valid, mutated and odd, have the verdict that certificate-transparency-go gives [WIRE-003, RELAY-012]',
  async () => {
    const cases = await sfoCases(1, 3)
    expect(cases.length).toBeGreaterThanOrEqual(1000)
    expect(differences(cases)).toEqual([])
  },
)

peer(
  '1,600 inclusion proofs, valid and mutated, have the verdict that transparency-dev/merkle gives [WIRE-005]',
  () => {
    const cases = inclusionCases(1, 200)
    expect(cases).toHaveLength(1600)
    expect(differences(cases)).toEqual([])
  },
)
