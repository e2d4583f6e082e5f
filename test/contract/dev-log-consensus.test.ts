// The consensus document of a test network, as a file that is replaced under its readers.
import { mkdir, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  encodeConsensus,
  newAuthority,
  type TestConsensus,
  writeConsensus,
} from '../../src/adapters/dev-log/consensus.ts'
import { CtLog } from '../../src/adapters/dev-log/log.ts'
import { newPrivateKey } from '../../src/adapters/dev-log/signer.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { fromHex, toBase64, toHex } from '../../src/machines/ct/bytes.ts'
import { parseConsensusDocument } from '../../src/machines/tor/consensus-document.ts'

const crypto = nodeCrypto()
const now = Date.UTC(2026, 0, 1)
const authorities = [newAuthority(), newAuthority(), newAuthority()]
const keys = authorities.map(({ key }) => key)
const ctLog = new CtLog({ key: newPrivateKey('p-256'), mmd: 60_000, mergeDelay: 0, sthInterval: 1000, now: () => now })
const { logId, spki } = ctLog.signer
const auditorKey = newAuthority().key

const consensus: TestConsensus = {
  authorities,
  validAfter: now,
  freshUntil: now + 5000,
  validUntil: now + 15_000,
  logs: [{ logId, key: toBase64(spki), mmd: ctLog.mmd, url: 'http://127.0.0.1:8080' }],
  sths: [ctLog.sth(), ctLog.publish()],
  ctrs: [{ ctrId: newAuthority().key, url: 'http://127.0.0.1:9001', family: [newAuthority().key] }],
  auditors: [{ auditorId: toHex(crypto.sha256(fromHex(auditorKey))), key: auditorKey, url: 'http://127.0.0.1:9100' }],
  params: { 'ct-submit-pr': 1000 },
}

const folder = await mkdtemp(join(tmpdir(), 'dev-log-'))
afterAll(() => rm(folder, { recursive: true }))

test('what was put into it is what its readers parse [CONS-001]', async () => {
  const path = join(folder, 'consensus')
  const text = await writeConsensus({ path, ...consensus })
  expect(await readFile(path, 'utf8')).toBe(text)
  const { authorities: _, ...content } = consensus
  expect(parseConsensusDocument(crypto, text, keys)).toMatchObject({
    ok: true,
    value: { ...content, torConsensus: null },
  })
})

test('two of three authorities suffice, one does not, and strangers count for nothing [CONS-001]', () => {
  const signedBy = (...authorities: TestConsensus['authorities']) =>
    parseConsensusDocument(crypto, encodeConsensus({ ...consensus, authorities }), keys)
  expect(signedBy(...authorities.slice(1))).toMatchObject({ ok: true })
  expect(signedBy(...authorities.slice(2))).toMatchObject({ ok: false, error: 'badSignature' })
  expect(signedBy(newAuthority(), newAuthority(), newAuthority())).toMatchObject({ ok: false, error: 'badSignature' })
})

test('who reads while it is replaced reads the old document to its end, and nothing is left beside it [CONS-001]', async () => {
  const home = join(folder, 'replaced')
  await mkdir(home)
  const path = join(home, 'consensus')
  const old = await writeConsensus({ path, ...consensus })
  const reader = await open(path)
  const next = await writeConsensus({ path, ...consensus, validUntil: consensus.validUntil + 1 })
  expect(next).not.toBe(old)
  expect(await reader.readFile('utf8')).toBe(old)
  await reader.close()
  expect(await readFile(path, 'utf8')).toBe(next)
  expect(await readdir(home)).toEqual(['consensus'])
})

test('a document that nobody could read is not written [CONS-001]', async () => {
  const path = join(folder, 'refused')
  await expect(writeConsensus({ path, ...consensus, validUntil: now })).rejects.toThrow('not in this order')
  await expect(writeConsensus({ path, ...consensus, logs: [] })).rejects.toThrow('no line before it lists')
  await expect(writeConsensus({ path, ...consensus, authorities: [] })).rejects.toThrow('not a consensus document')
  await expect(readFile(path)).rejects.toThrow('ENOENT')
})

test('a path that cannot be replaced is an error, and nothing is left beside it', async () => {
  const home = join(folder, 'taken')
  await mkdir(join(home, 'consensus', 'full'), { recursive: true })
  await expect(writeConsensus({ path: join(home, 'consensus'), ...consensus })).rejects.toThrow(
    /EISDIR|ENOTEMPTY|EEXIST/,
  )
  expect(await readdir(home)).toEqual(['consensus'])
})
