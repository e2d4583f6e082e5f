// A control port that speaks as tor does, or as a test tells it to. Invariant: a service lives as long as the connection that made it.
import { createHmac, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeOnionAddress } from '../../src/machines/tor/onion-address.ts'

export interface FakeTor {
  readonly port: number
  readonly cookiePath: string
  readonly cookie: Buffer
  /** Every command, in order. */
  readonly commands: string[]
  /** Service IDs that are up. */
  readonly services: Set<string>
  /** Those that are open now. */
  connections(): number
  /** Cuts every connection, as a tor that ends does. */
  cut(): void
  close(): Promise<void>
}

/** `answer`: instead of tor's own; undefined leaves the command to it, null says nothing. `connected`: instead of waiting. */
export interface FakeTorScript {
  readonly methods?: string
  readonly answer?: (command: string, socket: Socket) => string | null | undefined
  readonly connected?: (socket: Socket) => void
}

export async function fakeTor({
  methods = 'COOKIE,SAFECOOKIE',
  answer,
  connected,
}: FakeTorScript = {}): Promise<FakeTor> {
  const folder = mkdtempSync(join(tmpdir(), 'ctor-fake-tor-'))
  const cookiePath = join(folder, 'cookie "1"')
  const cookie = randomBytes(32)
  writeFileSync(cookiePath, cookie)
  const commands: string[] = []
  const services = new Set<string>()
  const keys = new Map<string, string>()
  const sockets = new Set<Socket>()

  const server = createServer((socket) => {
    sockets.add(socket)
    const own = new Set<string>()
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      for (const id of own) services.delete(id)
    })
    if (connected !== undefined) return connected(socket)
    const auth = authenticator(cookie)
    let rest = ''
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1')
      for (let end = rest.indexOf('\r\n'); end !== -1; end = rest.indexOf('\r\n')) {
        const command = rest.slice(0, end)
        rest = rest.slice(end + 2)
        commands.push(command)
        const given = answer?.(command, socket)
        const reply = given === undefined ? tor(command, own) : given
        if (reply !== null) socket.write(reply)
      }
    })

    function tor(command: string, own: Set<string>): string {
      const [word, first = ''] = command.split(' ')
      if (word === 'PROTOCOLINFO')
        return `250-PROTOCOLINFO 1\r\n250-AUTH METHODS=${methods} COOKIEFILE="${cookiePath.replaceAll('"', '\\"')}"\r\n250 OK\r\n`
      if (word === 'AUTHCHALLENGE') return auth.challenge(command)
      if (word === 'AUTHENTICATE')
        return auth.authenticate(first) || methods === 'NULL' ? '250 OK\r\n' : '515 Bad authentication\r\n'
      if (word === 'SETEVENTS') return '250 OK\r\n'
      if (word === 'ADD_ONION') return added(command, first, own)
      if (word === 'DEL_ONION') {
        own.delete(first)
        return services.delete(first) ? '250 OK\r\n' : '552 Unknown Onion Service id\r\n'
      }
      if (word === 'GETINFO') return `250+${first}=\r\nline one\r\n..dot\r\n.\r\n250 OK\r\n`
      return '510 Unrecognized command\r\n'
    }

    function added(command: string, key: string, own: Set<string>): string {
      const known = keys.get(key.slice('ED25519-V3:'.length))
      const id = known ?? encodeOnionAddress(new Uint8Array(randomBytes(32))).slice(0, 56)
      if (services.has(id)) return '550 Onion address collision\r\n'
      own.add(id)
      services.add(id)
      const secret = randomBytes(64).toString('base64')
      if (known === undefined) keys.set(secret, id)
      const shown =
        known !== undefined || command.includes('DiscardPK') ? '' : `250-PrivateKey=ED25519-V3:${secret}\r\n`
      const up = `650 HS_DESC UPLOADED ${id} UNKNOWN $${'A'.repeat(40)}~x\r\n`
      return `250-ServiceID=${id}\r\n${shown}250 OK\r\n650 HS_DESC UPLOAD ${id} UNKNOWN x\r\n${up}`
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as { port: number }).port,
    cookiePath,
    cookie,
    commands,
    services,
    connections: () => sockets.size,
    cut,
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true })
    },
  }
}

/** What tor does with a cookie, plain or safe. */
function authenticator(cookie: Buffer) {
  const mac = (key: string, message: Buffer) => createHmac('sha256', key).update(message).digest('hex')
  let expected = cookie.toString('hex')
  return {
    challenge(command: string): string {
      const client = Buffer.from(command.split(' ')[2] ?? '', 'hex')
      const nonce = randomBytes(32)
      const message = Buffer.concat([cookie, client, nonce])
      expected = mac('Tor safe cookie authentication controller-to-server hash', message)
      const hash = mac('Tor safe cookie authentication server-to-controller hash', message)
      return `250 AUTHCHALLENGE SERVERHASH=${hash.toUpperCase()} SERVERNONCE=${nonce.toString('hex').toUpperCase()}\r\n`
    },
    authenticate: (given: string) => given.toLowerCase() === expected,
  }
}
