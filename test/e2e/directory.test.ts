// `ctor directory` as an authority has it: votes to content, torrc line, signatures one after another, and the check of the result.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  keyCertificate,
  signTorConsensus,
  torConsensusBody,
  torValidAfter,
} from '../../src/adapters/conform/generate/tor-documents.ts'
import { commitmentParams } from '../../src/machines/tor/commitment.ts'
import { contentDigest } from '../../src/machines/tor/extension-document.ts'
import { logKey } from '../properties/arbitraries/log-key.ts'
import { authorities, crypto } from '../properties/arbitraries/tor.ts'

const main = fileURLToPath(new URL('../../src/adapters/cli/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ctor-directory-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

function directory(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, 'directory', ...args],
      { cwd: folder, encoding: 'latin1' },
      (error, stdout, stderr) => resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

const file = (name: string, text: string) => writeFileSync(join(folder, name), text, 'latin1')
const three = authorities.slice(0, 3)
const { log } = logKey('ecdsa')
const logLine = `log ${log.logId} ${log.mmd} ${log.url} ${log.key}`
const content = `content\nparams a=2\n${logLine}\ndirectory-footer\n`
const committed = commitmentParams(contentDigest(crypto, content))
const fingerprints = three.map(({ fingerprint }) => fingerprint)
const within = '2026-11-26T01:30:00Z'

beforeAll(async () => {
  file('vote1', content)
  file('vote2', content.replace('a=2', 'a=1'))
  file('vote3', 'content\nparams a=9\ndirectory-footer\n')
  file('content', content)
  file(
    'consensus',
    signTorConsensus(torConsensusBody({ params: committed, validAfter: Date.parse('2026-11-26T01:00:00Z') }), three),
  )
  file('uncommitted', signTorConsensus(torConsensusBody(), three))
  file('certificates', three.map((one) => keyCertificate(one)).join(''))
  for (const [i, authority] of three.entries()) {
    await mkdir(join(folder, `keys${i}`))
    file(`keys${i}/authority_signing_key`, authority.signingKey.export({ type: 'pkcs1', format: 'pem' }) as string)
    file(`keys${i}/authority_certificate`, keyCertificate(authority))
  }
})

const check = (document: string, consensus = 'consensus', at = within) =>
  directory(
    'check',
    '--document',
    document,
    '--consensus',
    consensus,
    '--certificates',
    'certificates',
    '--at',
    at,
    '--authority',
    ...fingerprints,
  )

const sign = (i: number, ...more: readonly string[]) =>
  directory('sign', '--content', 'content', '--consensus', 'consensus', '--keys', `keys${i}`, ...more)

test('votes become a content, a torrc line and a document that two of three authorities make good [CONS-005.1, CONS-006.1, CONS-006.2, CONS-007.1]', async () => {
  expect(await directory('merge', '--authorities', '3', 'vote3', 'vote1', 'vote2')).toEqual({
    status: 0,
    stdout: content,
    stderr: '',
  })
  const line = await directory('params', 'content')
  const wanted = Object.entries(committed).map(([name, value]) => `${name}=${value}`)
  expect(line.stdout).toBe(`ConsensusParams ${wanted.join(' ')}\n`)

  const first = await sign(0)
  expect(first).toMatchObject({ status: 0, stderr: '' })
  file('one', first.stdout)
  expect(await check('one')).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('notSigned') })
  const second = await sign(1, '--document', 'one')
  file('two', second.stdout)
  const good = await check('two')
  expect(good).toMatchObject({ status: 0, stderr: '' })
  expect(JSON.parse(good.stdout)).toMatchObject({
    flavour: 'microdesc',
    relays: 0,
    logs: 1,
    sths: 0,
    ctrs: 0,
    auditors: 0,
  })
  // Who has signed already adds nothing.
  expect((await sign(0, '--document', 'two')).stdout).toBe(second.stdout)

  expect((await check('two', 'uncommitted', new Date(torValidAfter).toISOString())).stderr).toContain('otherConsensus')
  expect((await check('two', 'consensus', '2026-11-27T00:00:00Z')).stderr).toContain('notLive')
  file('changed', second.stdout.replace('a=2', 'a=3'))
  expect((await check('changed')).stderr).toContain('notCommitted')
  file('cut', second.stdout.slice(0, -1))
  expect((await check('cut')).stderr).toContain('notText')
})

test('nothing is signed that the consensus does not commit to, or with a key that its certificate is not for [CONS-006.1]', async () => {
  const other = await directory('sign', '--content', 'content', '--consensus', 'uncommitted', '--keys', 'keys0')
  expect(other).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('notCommitted') })
  await mkdir(join(folder, 'mixed'))
  file('mixed/authority_signing_key', (three[0]?.signingKey.export({ type: 'pkcs1', format: 'pem' }) ?? '') as string)
  const withMixed = () => directory('sign', '--content', 'content', '--consensus', 'consensus', '--keys', 'mixed')
  expect((await withMixed()).stderr).toContain('unreadable')
  file('mixed/authority_certificate', keyCertificate(authorities[1] as (typeof authorities)[0]))
  expect((await withMixed()).stderr).toContain('otherKey')
  file('mixed/authority_certificate', 'x')
  expect((await withMixed()).stderr).toContain('badCertificate')
  file('mixed/authority_certificate', keyCertificate(authorities[0] as (typeof authorities)[0]))
  file('mixed/authority_signing_key', 'x')
  expect((await withMixed()).stderr).toContain('badKey')
})

test('bad usage and bad files end with one sentence and their status [CONS-007.1]', async () => {
  expect(await directory('merge', '--authorities', '0', 'vote1')).toMatchObject({ status: 2 })
  expect(await directory('merge', '--authorities', '1', 'vote1', 'vote2')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('tooManyVotes'),
  })
  expect(await directory('merge', '--authorities', '1', 'certificates')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^error: badVote: certificates: not lines .*\n$/),
  })
  file('vote4', content.replace('a=2', 'a=x'))
  expect(await directory('merge', '--authorities', '2', 'vote1', 'vote4')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^error: badVote: vote4: .*a=x.*\n$/),
  })
  expect(await directory('params', 'none')).toMatchObject({
    status: 1,
    stderr: 'error: none: cannot be read: ENOENT\n',
  })
  expect(await directory('params', 'certificates')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('content'),
  })
  expect(await directory('check', '--authority', 'x')).toMatchObject({ status: 2 })
})
