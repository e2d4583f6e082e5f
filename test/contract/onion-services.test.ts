// The port OnionServices on loopback and on a control port [RELAY-018, RELAY-107]; then what a control port may do wrong.
import { expect, test } from 'vitest'
import { loopbackOnion } from '../../src/adapters/node/onion-loopback.ts'
import { systemRandom } from '../../src/adapters/node/random.ts'
import { openControl } from '../../src/adapters/node/tor/control.ts'
import { controlRefused } from '../../src/adapters/node/tor/control-connection.ts'
import { type TorOnionOptions, torOnion } from '../../src/adapters/node/tor/onion-services.ts'
import { type FakeTor, type FakeTorScript, fakeTor } from './fake-tor.ts'
import { onionServicesSuite } from './suites/onion-services.ts'

const polling = { timeout: 30_000, interval: 10 }
const quick = { port: () => 4_711, uploadMs: 30_000, retryMs: 10, maxRetryMs: 50, maxServices: 64 }

function over(tor: Pick<FakeTor, 'port'>, given: Partial<TorOnionOptions> = {}) {
  return torOnion({ open: () => openControl({ host: '127.0.0.1', port: tor.port }), ...quick, ...given })
}

async function overFakeTor(script: FakeTorScript = {}, given: Partial<TorOnionOptions> = {}) {
  const tor = await fakeTor(script)
  const onion = over(tor, given)
  const close = async () => {
    await onion.close()
    await tor.close()
  }
  return { ...onion, tor, close }
}

onionServicesSuite('on loopback', async () => ({
  ...loopbackOnion(systemRandom, () => 40_123),
  close: async () => {},
}))
onionServicesSuite('on a control port', overFakeTor)

test('tor keeps the key of a round alone, the service leads to the proof listener, and it is withdrawn [RELAY-018]', async () => {
  const onion = await overFakeTor()
  const address = await onion.services.publish()
  expect(onion.tor.commands.at(-1)).toBe('ADD_ONION NEW:ED25519-V3 Flags=DiscardPK Port=80,127.0.0.1:4711')
  expect([...onion.tor.services]).toEqual([address?.slice(0, 56)])
  await onion.services.retire(address ?? '')
  expect(onion.tor.services.size).toBe(0)
  await onion.close()
})

test('with the control connection every service ends; the next round publishes on a new connection [RELAY-018]', async () => {
  const onion = await overFakeTor()
  const before = (await onion.services.publish()) ?? ''
  onion.tor.cut()
  await expect.poll(() => onion.serves(before), polling).toBe(false)
  const after = (await onion.services.publish()) ?? ''
  expect([onion.serves(before), onion.serves(after)]).toEqual([false, true])
  expect([...onion.tor.services]).toEqual([after.slice(0, 56)])
  await onion.close()
})

test('a standing service has the same address again when tor is back [RELAY-018]', async () => {
  const changes: (string | null)[] = []
  const onion = await overFakeTor({}, { onChange: (error) => changes.push(error) })
  const address = await onion.stand(80)
  expect([...onion.tor.services]).toEqual([address?.slice(0, 56)])
  for (let restart = 1; restart <= 3; restart++) {
    onion.tor.cut()
    await expect.poll(() => changes.length, polling).toBe(2 * restart)
    expect([...onion.tor.services]).toEqual([address?.slice(0, 56)])
  }
  expect(changes).toEqual(['closed', null, 'closed', null, 'closed', null])
  await onion.close()
  expect(onion.tor.services.size).toBe(0)
})

test('while tor is away it is asked for again, at most so long after, and then each standing service has its address again [RELAY-018]', async () => {
  const tor = await fakeTor()
  const changes: (string | null)[] = []
  const asked: number[] = []
  let away = 0
  const onion = over(tor, {
    open: async () => {
      asked.push(performance.now())
      if (away-- > 0) return controlRefused('unreachable')
      return openControl({ host: '127.0.0.1', port: tor.port })
    },
    onChange: (error) => changes.push(error),
  })
  const addresses = [await onion.stand(80), await onion.stand(81)]
  const wanted = addresses.map((address) => address?.slice(0, 56)).toSorted()
  away = 6
  tor.cut()
  await expect.poll(() => changes.at(-1), polling).toBeNull()
  expect(changes).toEqual(['closed', ...Array(6).fill('unreachable'), null])
  expect([...tor.services].toSorted()).toEqual(wanted)
  // 10 ms, doubled up to 50 ms.
  const waits = asked.slice(2).map((at, i) => at - (asked[i + 1] ?? 0))
  for (const [i, least] of [20, 40, 50, 50, 50].entries()) expect(waits[i]).toBeGreaterThanOrEqual(least - 2)
  await onion.close()
  await tor.close()
})

test('a standing service that tor refuses at first is asked for again, and no other one twice on one connection [RELAY-018]', async () => {
  const changes: (string | null)[] = []
  const refused = new Set<string>()
  const onion = await overFakeTor(
    {
      answer(command) {
        if (!/^ADD_ONION ED25519-V3:.* Port=80,127\.0\.0\.1:81$/.test(command) || refused.size === 3) return undefined
        refused.add(`${command} ${refused.size}`)
        return '550 Onion address collision\r\n'
      },
    },
    { onChange: (error) => changes.push(error) },
  )
  const addresses = [await onion.stand(80), await onion.stand(81)]
  onion.tor.cut()
  await expect.poll(() => changes.at(-1), polling).toBeNull()
  expect(changes).toEqual(['closed', null])
  expect(refused.size).toBe(3)
  expect([...onion.tor.services].toSorted()).toEqual(addresses.map((address) => address?.slice(0, 56)).toSorted())
  const again = onion.tor.commands.filter((command) => /^ADD_ONION ED25519-V3:.*:80$/.test(command))
  expect(again).toHaveLength(1)
  await onion.close()
})

test('one that is made while another one waits for tor is not asked for again with it [RELAY-018]', async () => {
  const changes: (string | null)[] = []
  const onion = await overFakeTor({}, { retryMs: 500, onChange: (error) => changes.push(error) })
  const first = await onion.stand(80)
  onion.tor.cut()
  await expect.poll(() => changes, polling).toEqual(['closed'])
  const second = await onion.stand(81)
  await expect.poll(() => changes, polling).toEqual(['closed', null])
  expect([...onion.tor.services].toSorted()).toEqual([first, second].map((address) => address?.slice(0, 56)).toSorted())
  const again = onion.tor.commands.filter((command) => command.startsWith('ADD_ONION ED25519-V3:'))
  expect(again.map((command) => command.slice(-2))).toEqual(['80'])
  await onion.close()
})

test('who closes while tor is being asked leaves no connection and no service [RELAY-018]', async () => {
  const tor = await fakeTor()
  const onion = over(tor)
  const address = onion.services.publish()
  await onion.close()
  expect(await address).toBeNull()
  expect(await onion.services.publish()).toBeNull()
  await expect.poll(() => [tor.connections(), tor.services.size], polling).toEqual([0, 0])
  await tor.close()
})

test('a descriptor that gets up later is waited for, and other events are not taken for it [RELAY-018]', async () => {
  const id = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd'
  const events = [`UPLOAD ${id}`, `UPLOADED ${'a'.repeat(56)}`, `FAILED ${id}`, `UPLOADED ${id}`]
  let told = 0
  const onion = await overFakeTor({
    answer(command, socket) {
      if (!command.startsWith('ADD_ONION')) return undefined
      const tell = () => {
        socket.write(`650 HS_DESC ${events[told++]} UNKNOWN x\r\n`)
        if (told < events.length) setTimeout(tell, 20)
      }
      setTimeout(tell, 20)
      return `250-ServiceID=${id}\r\n250 OK\r\n`
    },
  })
  expect(await onion.services.publish()).toBe(`${id}.onion`)
  expect(told).toBe(events.length)
  await onion.close()
})

test('services of rounds are bounded: the oldest gives way [RELAY-018]', async () => {
  const onion = await overFakeTor({}, { maxServices: 2 })
  const addresses: string[] = []
  for (let round = 0; round < 3; round++) addresses.push((await onion.services.publish()) ?? '')
  expect(addresses.map((address) => onion.serves(address))).toEqual([false, true, true])
  expect(onion.tor.services.size).toBe(2)
  await onion.close()
})

const nothings: Readonly<Record<string, FakeTorScript>> = {
  'refuses the service': {
    answer: (command) => (command.startsWith('ADD_ONION') ? '512 Bad arguments\r\n' : undefined),
  },
  'answers without an address': { answer: (command) => (command.startsWith('ADD_ONION') ? '250 OK\r\n' : undefined) },
  'answers with an address of another checksum': {
    answer: (command) =>
      command.startsWith('ADD_ONION') ? `250-ServiceID=${'a'.repeat(56)}\r\n250 OK\r\n` : undefined,
  },
  'closes instead': {
    answer(command, socket) {
      if (!command.startsWith('ADD_ONION')) return undefined
      socket.destroy()
      return null
    },
  },
  'refuses the events': { answer: (command) => (command.startsWith('SETEVENTS') ? '552 Unrecognized\r\n' : undefined) },
  'refuses the proof': { answer: (command) => (command.startsWith('AUTHENTICATE ') ? '515 Bad\r\n' : undefined) },
}

for (const [what, script] of Object.entries(nothings)) {
  test(`where tor ${what} there is no service, and none is left behind [RELAY-018]`, async () => {
    const onion = await overFakeTor(script)
    expect(await onion.services.publish()).toBeNull()
    expect(await onion.stand(80)).toBeNull()
    await expect.poll(() => onion.tor.services.size, polling).toBe(0)
    await onion.close()
  })
}

test('a service whose descriptor never gets up is withdrawn and none [RELAY-018]', async () => {
  let silent = true
  const onion = await overFakeTor(
    {
      answer: (command) =>
        silent && command.startsWith('ADD_ONION')
          ? '250-ServiceID=pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd\r\n250 OK\r\n'
          : undefined,
    },
    // As long as the one after it may take.
    { uploadMs: 3_000 },
  )
  expect(await onion.services.publish()).toBeNull()
  expect(onion.tor.commands.at(-1)).toBe('DEL_ONION pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd')
  silent = false
  const patient = over(onion.tor)
  expect(await patient.services.publish()).not.toBeNull()
  await patient.close()
  await onion.close()
})

test('nothing listens at the control port: no service; when tor is there, there is one [RELAY-018]', async () => {
  const gone = await fakeTor()
  await gone.close()
  const none = over(gone)
  expect(await none.services.publish()).toBeNull()
  await none.close()
})
