// The client of tor's control port: what it asks, how it authenticates, and that whatever the other side does ends as a code.
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { getInfo, openControl } from '../../src/adapters/node/tor/control.ts'
import {
  type ControlError,
  type ControlLimits,
  controlConnection,
  controlLimits,
} from '../../src/adapters/node/tor/control-connection.ts'
import { type ControlReply, controlReader } from '../../src/adapters/node/tor/control-reply.ts'
import { type FakeTorScript, fakeTor } from './fake-tor.ts'

const host = '127.0.0.1'

async function opened(script: FakeTorScript = {}, limits: Partial<ControlLimits> = {}, cookie?: string) {
  const tor = await fakeTor(script)
  const control = await openControl({ host, port: tor.port, cookie }, { ...controlLimits, ...limits })
  return { tor, control }
}

async function connectionOf(script: FakeTorScript = {}, limits: Partial<ControlLimits> = {}) {
  const { tor, control } = await opened(script, limits)
  if (!control.ok) throw new Error(control.detail)
  return { tor, connection: control.value }
}

test('SAFECOOKIE is preferred, and the cookie itself is not sent', async () => {
  const { tor, control } = await opened()
  expect(control.ok).toBe(true)
  expect(tor.commands.map((command) => command.split(' ')[0])).toEqual([
    'PROTOCOLINFO',
    'AUTHCHALLENGE',
    'AUTHENTICATE',
  ])
  expect(tor.commands.join()).not.toContain(tor.cookie.toString('hex'))
  await tor.close()
})

test('COOKIE sends it, and NULL sends nothing', async () => {
  const plain = await opened({ methods: 'COOKIE' })
  expect(plain.control.ok).toBe(true)
  expect(plain.tor.commands.at(-1)).toBe(`AUTHENTICATE ${plain.tor.cookie.toString('hex')}`)
  const none = await opened({ methods: 'NULL' })
  expect(none.control.ok).toBe(true)
  expect(none.tor.commands.at(-1)).toBe('AUTHENTICATE')
  await Promise.all([plain.tor.close(), none.tor.close()])
})

test('a control port that does not know the cookie gets no proof', async () => {
  const answer = (command: string) =>
    command.startsWith('AUTHCHALLENGE')
      ? `250 AUTHCHALLENGE SERVERHASH=${'0'.repeat(64)} SERVERNONCE=${'0'.repeat(64)}\r\n`
      : undefined
  const { tor, control } = await opened({ answer })
  expect(control).toMatchObject({ ok: false, error: 'badAuth' })
  expect(tor.commands.some((command) => command.startsWith('AUTHENTICATE'))).toBe(false)
  await tor.close()
})

test('what is no answer to the steps of authentication is malformed, and a close in one of them closed', async () => {
  const steps: readonly (readonly [string, string | null, ControlError])[] = [
    ['PROTOCOLINFO', '250 OK\r\n', 'malformed'],
    ['PROTOCOLINFO', '250-VERSION Tor="0"\r\n250 OK\r\n', 'malformed'],
    ['PROTOCOLINFO', '551 no\r\n', 'refused'],
    ['AUTHCHALLENGE', '250 OK\r\n', 'malformed'],
    ['AUTHCHALLENGE', `250 AUTHCHALLENGE SERVERHASH=${'0'.repeat(64)}\r\n`, 'malformed'],
    ['AUTHCHALLENGE', `250 AUTHCHALLENGE SERVERHASH=${'0'.repeat(64)} SERVERNONCE=${'0'.repeat(65)}\r\n`, 'malformed'],
    ['AUTHCHALLENGE', '512 no\r\n', 'badAuth'],
    ['PROTOCOLINFO', null, 'closed'],
    ['AUTHCHALLENGE', null, 'closed'],
    ['AUTHENTICATE', null, 'closed'],
  ]
  for (const [step, reply, error] of steps) {
    const answer: FakeTorScript['answer'] = (command, socket) => {
      if (!command.startsWith(step)) return undefined
      if (reply === null) socket.destroy()
      return reply
    }
    const { tor, control } = await opened({ answer })
    expect(control, `${step} ${reply}`).toMatchObject({ ok: false, error })
    await expect.poll(() => tor.connections(), { timeout: 30_000 }).toBe(0)
    await tor.close()
  }
})

test('a cookie of another length, another cookie, and a method that needs a password: badAuth', async () => {
  const tor = await fakeTor()
  for (const bytes of [31, 33, 32]) {
    writeFileSync(tor.cookiePath, Buffer.alloc(bytes, 1))
    expect(await openControl({ host, port: tor.port })).toMatchObject({ ok: false, error: 'badAuth' })
  }
  await tor.close()
  const password = await opened({ methods: 'HASHEDPASSWORD' })
  expect(password.control).toMatchObject({ ok: false, error: 'badAuth' })
  await password.tor.close()
  const missing = await opened({}, {}, '/nonexistent/cookie')
  expect(missing.control).toMatchObject({ ok: false, error: 'badAuth' })
  await missing.tor.close()
})

test('replies belong to commands in their order, events to nobody, and data lines are unstuffed', async () => {
  const { tor, connection } = await connectionOf({
    answer: (command) =>
      command.startsWith('ECHO') ? `650 NOTICE between\r\n250-${command}\r\n250 OK\r\n` : undefined,
  })
  const events: string[] = []
  const off = connection.onEvent(({ lines }) => events.push(lines[0]?.text ?? ''))
  const asked = await Promise.all([1, 2, 3].map((n) => connection.ask(`ECHO ${n}`)))
  expect(asked.map((one) => one.ok && one.value.lines[0]?.text)).toEqual(['ECHO 1', 'ECHO 2', 'ECHO 3'])
  expect(events).toHaveLength(3)
  off()
  await connection.ask('ECHO 4')
  expect(events).toHaveLength(3)
  const info = await getInfo(connection, 'some/key')
  expect(info.ok && Buffer.from(info.value).toString()).toBe('line one\n.dot')
  await tor.close()
})

test('a newline in a command is refused and not sent', async () => {
  const { tor, connection } = await connectionOf()
  const before = tor.commands.length
  expect(await connection.ask('GETINFO a\r\nSIGNAL HALT')).toMatchObject({ ok: false, error: 'refused' })
  expect(await getInfo(connection, 'a b')).toMatchObject({ ok: false, error: 'refused' })
  expect(tor.commands).toHaveLength(before)
  await tor.close()
})

const answers: Readonly<Record<string, { readonly reply: string | null; readonly error: ControlError }>> = {
  'refuses the command': { reply: '552 Unrecognized key\r\n', error: 'refused' },
  'answers a question that was not asked': { reply: '250-other/key=1\r\n250 OK\r\n', error: 'malformed' },
  'answers with no status': { reply: 'hello\r\n', error: 'malformed' },
  'answers with an unknown mark': { reply: '250*x\r\n', error: 'malformed' },
  'answers more than the limit in one line': {
    reply: `250-some/key=${'x'.repeat(5_000)}\r\n250 OK\r\n`,
    error: 'tooLarge',
  },
  'answers more than the limit without an end': { reply: 'x'.repeat(5_000), error: 'tooLarge' },
  'answers more than the limit in data': { reply: `250+some/key=\r\n${'x\r\n'.repeat(2_000)}`, error: 'tooLarge' },
  'answers more than the limit in lines': { reply: '250-a\r\n'.repeat(1_000), error: 'tooLarge' },
  'answers nothing': { reply: null, error: 'timeout' },
  'stops in the middle of a line': { reply: '250-some/key', error: 'timeout' },
}

for (const [what, { reply, error }] of Object.entries(answers)) {
  test(`a control port that ${what}: ${error}`, async () => {
    const tor = await fakeTor({ answer: (command) => (command.startsWith('GETINFO') ? reply : undefined) })
    // Without authentication, which a machine that is slow would not end in so short a time.
    const replyMs = error === 'timeout' ? 200 : controlLimits.replyMs
    const connection = controlConnection(connect(tor.port, host), { ...controlLimits, replyMs })
    expect(await getInfo(connection, 'some/key', 4_096)).toMatchObject({ ok: false, error })
    if (error !== 'refused') {
      await connection.closed
      expect((await connection.ask('GETINFO x')).ok).toBe(false)
    }
    await tor.close()
  })
}

test('a reply to nothing ends the connection, and whoever asks then hears malformed', async () => {
  const { tor, connection } = await connectionOf({
    answer: (command) => (command === 'ONE' ? '250 OK\r\n250 OK\r\n' : undefined),
  })
  expect((await connection.ask('ONE')).ok).toBe(true)
  await connection.closed
  expect(await connection.ask('TWO')).toMatchObject({ ok: false, error: 'malformed' })
  await tor.close()
})

test('a connection that closes answers every command that waits', async () => {
  const { tor, connection } = await connectionOf({
    answer: (command) => (command.startsWith('WAIT') ? null : undefined),
  })
  const waiting = [1, 2, 3].map((n) => connection.ask(`WAIT ${n}`))
  tor.cut()
  for (const asked of await Promise.all(waiting)) expect(asked).toMatchObject({ ok: false, error: 'closed' })
  await tor.close()
})

test('commands that wait are bounded', async () => {
  const { tor, connection } = await connectionOf(
    { answer: (command) => (command === 'W' ? null : undefined) },
    { pending: 3 },
  )
  const waiting = [1, 2, 3].map(() => connection.ask('W'))
  expect(await connection.ask('W')).toMatchObject({ ok: false, error: 'refused' })
  connection.close()
  expect((await Promise.all(waiting)).every((one) => !one.ok)).toBe(true)
  await tor.close()
})

test('a port where nothing listens is unreachable; one that closes at once, or talks first, is said to', async () => {
  const tor = await fakeTor()
  await tor.close()
  expect(await openControl({ host, port: tor.port })).toMatchObject({ ok: false, error: 'unreachable' })
  const closing = await opened({ connected: (socket) => socket.destroy() })
  expect(closing.control).toMatchObject({ ok: false, error: 'closed' })
  const silent = await opened({ connected: () => {} }, { replyMs: 100 })
  expect(silent.control).toMatchObject({ ok: false, error: 'timeout' })
  const talking = await opened({ connected: (socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n') })
  expect(talking.control).toMatchObject({ ok: false, error: 'malformed' })
  await Promise.all([closing.tor.close(), silent.tor.close(), talking.tor.close()])
})

test('a reader gives the same replies however its bytes are cut, and fails at most once', () => {
  const read = (chunks: readonly Buffer[]) => {
    const replies: ControlReply[] = []
    const failures: string[] = []
    const reader = controlReader({
      reply: (reply) => replies.push(reply),
      failed: (error) => failures.push(error),
      maxBytes: () => 64,
    })
    for (const chunk of chunks) reader.push(chunk)
    return { replies, failures }
  }
  const line = fc.constantFrom(
    '250 OK\r\n',
    '250-a=b\r\n',
    '250+k=\r\n',
    '.\r\n',
    '..x\r\n',
    '650 E\r\n',
    'x\n',
    'y'.repeat(70),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.array(fc.nat(200), { maxLength: 8 }), (lines, cuts) => {
      const bytes = Buffer.from(lines.join(''))
      const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
      const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end))
      const whole = read([bytes])
      expect(whole.failures.length).toBeLessThanOrEqual(1)
      expect(read(chunks)).toEqual(whole)
    }),
  )
})
