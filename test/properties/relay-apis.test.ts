// What the relay makes of addresses, connections and consensuses, row by row.
import { describe, expect, test } from 'vitest'
import { bounded, conserved, heldCount } from '../../src/machines/relay/invariants.ts'
import { encodeOnionAddress } from '../../src/machines/tor/onion-address.ts'
import { relay, sfoOf, sthsOf, usual } from './oracles/relay-script.ts'

const most = 2 ** 32 - 1
const address = (i: number) => encodeOnionAddress(new Uint8Array(32).fill(i))

describe('OnionShare address API', () => {
  test.each([
    ['no address', 'example.onion'],
    ['a wrong checksum', address(1).replace(/^./, (digit) => (digit === 'a' ? 'b' : 'a'))],
    ['a path behind it', `${address(1)}/`],
  ])('%s is rejected as badAddress [RELAY-112]', (_, text) => {
    const story = relay()
    expect(story.address(text)).toMatchObject({ disposition: 'rejected', reason: 'badAddress' })
    expect(story.context().addresses).toEqual([])
  })

  test('an address in either case is one and the same, stored once [RELAY-112]', () => {
    const story = relay()
    expect(story.address(address(1)).disposition).toBe('accepted')
    expect(story.address(address(1).toUpperCase().replace('.ONION', '.onion'))).toMatchObject({
      reason: 'alreadyKnown',
    })
    expect(story.context().addresses).toEqual([{ address: address(1), at: 300 }])
  })

  test('beyond the capacity the draw picks whom the new one replaces [RELAY-019.1]', () => {
    const story = relay({ addressCapacity: 2 })
    for (const i of [1, 2]) story.address(address(i))
    story.address(address(3), 2 ** 31)
    expect(story.context().addresses.map((known) => known.address)).toEqual([address(1), address(3)])
    story.address(address(4), 2 ** 31 - 1)
    expect(story.context().addresses.map((known) => known.address)).toEqual([address(4), address(3)])
  })

  test('an old address is not contacted, makes room, and may be offered anew; step 5 clears the used ones [RELAY-019.2]', () => {
    const story = relay({ addressCapacity: 2, addressLifetimeMs: 100 })
    story.at(300).address(address(1))
    story.at(400).address(address(2))
    story.at(401).address(address(3))
    expect(story.context().addresses.map((known) => known.address)).toEqual([address(2), address(3)])
    expect(story.address(address(1)).disposition).toBe('accepted')
    story.until('challenging').at(500).done('challenge')
    expect(story.effect('fetch')).toMatchObject({
      addresses: [address(3), address(1)].sort((a, b) => (a === address(3) ? 1 : b === address(3) ? -1 : 0)),
    })
    expect(story.context().addresses).toEqual([])
    story.address(address(2))
    expect(story.context().addresses).toHaveLength(1)
  })
})

describe('OnionShare connection API', () => {
  test('leafs are served in the order of the draws, at most pairsPerFetch, and nothing changes [RELAY-113, RELAY-008]', () => {
    const story = relay({ pairsPerFetch: 2 })
    story.until('fetching')
    for (const id of ['1', '2', '3']) story.pair(`a:${id}`, true)
    const before = story.context()
    expect(story.serve([most, 0]).effects).toEqual([{ type: 'serveProofs', request: 'r', leafIds: ['a:3', 'a:2'] }])
    expect(story.serve([0, 0]).effects).toEqual([{ type: 'serveProofs', request: 'r', leafIds: ['a:1', 'a:2'] }])
    expect(story.context()).toEqual(before)
  })

  test('an empty proof set is served as such, without draws [RELAY-113]', () => {
    expect(relay().serve().effects).toEqual([{ type: 'serveProofs', request: 'r', leafIds: [] }])
  })
})

describe('consensus', () => {
  test('an older or equal one is ignored [CONS-001.2]', () => {
    const story = relay()
    expect(story.learn({ validAfter: 1 })).toMatchObject({ disposition: 'ignored', reason: 'oldConsensus' })
    expect(story.learn({ validAfter: 0 })).toMatchObject({ disposition: 'ignored', reason: 'oldConsensus' })
    expect(story.learn({ validAfter: 2 }).disposition).toBe('accepted')
  })

  test('STHs are merged in order, each once, and the oldest leave [RELAY-003]', () => {
    const story = relay({ sthsPerLog: 3 })
    story.learn({ sths: [...sthsOf('a', 250, 150, 250, 200), ...sthsOf('c', 1)] })
    expect(story.context().logs.get('a')?.sths).toEqual(sthsOf('a', 150, 200, 250))
    expect(story.context().logs.get('b')?.sths).toEqual(sthsOf('b', 100, 200))
    expect(story.context().logs.has('c')).toBe(false)
    expect(bounded(story.context())).toBe(true)
  })

  test('two heads of one log at one time are both kept: which is right is not for the relay to say [RELAY-003]', () => {
    const story = relay()
    const [head] = sthsOf('a', 300)
    story.learn({ sths: head === undefined ? [] : [head, { ...head, root: 'other' }] })
    expect(
      story
        .context()
        .logs.get('a')
        ?.sths.map(({ root }) => root),
    ).toEqual(['root100', 'root200', 'root300', 'other'])
  })

  test('SFOs of a log that vanished stay, and expire in the end [RELAY-002.2]', () => {
    const story = relay({ holdLimitMs: 1000 })
    story.sfo(sfoOf('1', { sctTimestamp: 290 }))
    story.learn({ logs: usual.logs.filter(({ logId }) => logId === 'b') })
    story.at(1300).until('connecting')
    expect(heldCount(story.context())).toBe(1)
    story.until('passive').at(1301).waited()
    expect(story.effect('forgetSfos')).toEqual({ type: 'forgetSfos', sfoIds: ['00000001'] })
    expect(story.context().counters.expired).toBe(1)
    expect(conserved(story.context())).toBe(true)
  })
})
