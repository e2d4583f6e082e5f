// The contract of `LogClient`, run on every client over every kind of log [WIRE-005, WIRE-006, WIRE-013, WIRE-014].
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeCrypto } from '../../../src/adapters/node/crypto.ts'
import type { LogClient, PromisedLeaf } from '../../../src/effects/ports.ts'
import { verifyConsistency, verifyInclusion } from '../../../src/machines/ct/merkle.ts'
import { sameHead, verifySth } from '../../../src/machines/ct/sth.ts'
import type { Log, Sth } from '../../../src/machines/ct/types.ts'

const crypto = nodeCrypto()
const never = new AbortController().signal

export interface LogUnderTest {
  readonly client: LogClient
  readonly log: Log
  /** By index. */
  readonly leaves: readonly PromisedLeaf[]
  /** By size; the last is the current one. */
  readonly sths: readonly Sth[]
  close(): Promise<void>
}

export function logClientSuite(name: string, start: () => Promise<LogUnderTest>): void {
  describe(name, () => {
    let subject: LogUnderTest
    beforeAll(async () => {
      subject = await start()
    }, 120_000)
    afterAll(() => subject?.close())

    const leaf = (index: number) => subject.leaves[index] ?? expect.fail(`no leaf ${index}`)

    test('a leaf is proven against each tree head that covers it [WIRE-005.1, WIRE-006, WIRE-014.2]', async () => {
      const { client, log, sths } = subject
      for (const sth of sths) {
        for (const index of [0, 1, 4, 255, 256, sth.size - 1].filter((index) => index < sth.size)) {
          const { leafHash } = leaf(index)
          const answer = await client.getInclusion(log, leaf(index), sth, 'token', never)
          if (answer.kind !== 'ok') return expect.fail(`${answer.kind} for leaf ${index} of ${sth.size}`)
          const { leafIndex, path, leafHash: found = leafHash } = answer.value
          expect([leafIndex, found]).toEqual([index, leafHash])
          expect(verifyInclusion(crypto, { leafHash, leafIndex, size: sth.size, root: sth.root, path }).ok).toBe(true)
        }
      }
    })

    test('each tree head is proven consistent with each later one [WIRE-005.1, WIRE-006.1, WIRE-014.3]', async () => {
      const { client, log, sths } = subject
      for (const [at, first] of sths.entries()) {
        for (const second of sths.slice(at)) {
          const answer = await client.getSthConsistency(log, first, second, 'token', never)
          if (answer.kind !== 'ok') return expect.fail(`${answer.kind} for ${first.size} to ${second.size}`)
          const sizes = { size1: first.size, root1: first.root, size2: second.size, root2: second.root }
          expect(verifyConsistency(crypto, { ...sizes, path: answer.value }).ok).toBe(true)
        }
        const empty = { ...first, size: 0 }
        const answer = await client.getSthConsistency(log, empty, first, 'token', never)
        expect(answer).toEqual({ kind: 'ok', value: [] })
      }
    })

    test('a leaf that the tree head does not cover yet is refused [WIRE-006.2, WIRE-013.5]', async () => {
      const { client, log, sths } = subject
      const [first] = sths as readonly [Sth, ...Sth[]]
      const answer = await client.getInclusion(log, leaf(first.size), first, 'token', never)
      expect(answer).toMatchObject({ kind: 'refused', status: 404 })
    })

    test("the log's tree head is read, and its signature verifies [WIRE-004.1, WIRE-013.3]", async () => {
      const { client, log, sths } = subject
      const answer = await client.getSth(log, 'token', never)
      if (answer.kind !== 'ok') return expect.fail(answer.kind)
      expect(verifySth(crypto, log, answer.value)).toBe(true)
      expect(sameHead(answer.value, sths.at(-1) as Sth)).toBe(true)
    })

    test('a signal that has fired ends every question with AbortError [RELAY-104]', async () => {
      const { client, log, sths } = subject
      const [first] = sths as readonly [Sth, ...Sth[]]
      const last = sths.at(-1) as Sth
      const gone = AbortSignal.abort()
      await expect(client.getInclusion(log, leaf(0), last, 'other', gone)).rejects.toMatchObject({ name: 'AbortError' })
      await expect(client.getSthConsistency(log, first, last, 'other', gone)).rejects.toMatchObject({
        name: 'AbortError',
      })
      await expect(client.getSth(log, 'other', gone)).rejects.toMatchObject({ name: 'AbortError' })
    })
  })
}
