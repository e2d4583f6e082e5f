// Test equipment, not for operators: `ctor dev-log`, the development log as a process of its own.
// Invariant: it ends with status 0 on SIGTERM or SIGINT, and prints one line of JSON once it listens.
import { Command, InvalidArgumentError, Option } from 'commander'
import { end, failed, misused } from '../cli/exit.ts'
import { type Fault, faultKinds, parseFault } from './fault.ts'
import { isLoopback, startDevLog } from './server.ts'
import { type KeyType, keyTypes } from './signer.ts'

interface Options {
  readonly port: number
  readonly host: string
  readonly key: KeyType
  readonly mmd: number
  readonly mergeDelay?: number
  readonly sthInterval: number
  readonly static?: boolean
  readonly fault: readonly Fault[]
}

/** Adds itself to a program as `dev-log`. */
export function devLogCommand(): Command {
  return new Command('dev-log')
    .summary('test equipment: a Certificate Transparency log that misbehaves on request')
    .description(
      'Test equipment, not for operators: an RFC 6962 log in memory, with a fresh key, on a loopback address. It accepts any ' +
        'chain whose signatures verify, forgets all of it when it ends, and misbehaves on request.',
    )
    .option('--port <port>', 'TCP port; 0 for a free one', integer(0, 65_535), 0)
    .option('--host <address>', 'loopback address to listen on', loopback, '127.0.0.1')
    .addOption(new Option('--key <type>', 'type of the fresh log key').choices(keyTypes).default('p-256'))
    .option('--mmd <ms>', 'maximum merge delay, milliseconds', integer(0, 2_592_000_000), 60_000)
    .option(
      '--merge-delay <ms>',
      'from SCT to merge, milliseconds, at most the MMD (default: 1000, or the MMD if less)',
      integer(0, 2_592_000_000),
    )
    .option(
      '--sth-interval <ms>',
      'age at which a tree head is signed anew, milliseconds',
      integer(0, 2_592_000_000),
      1000,
    )
    .option('--static', 'a static-ct log: SCTs with leaf index, checkpoint and tiles in place of the RFC 6962 read API')
    .option('--fault <fault>', 'a kind of fault, or a fault as JSON; may be repeated', faults, [])
    .addHelpText('after', helpText)
    .action(run)
}

function helpText(): string {
  const lines = faultKinds.map(({ kind, does, defaults }) => {
    const parameters = Object.entries(defaults).map(([name, value]) => ` ${name}=${value}`)
    return `  ${kind.padEnd(15)}${does}${parameters.length > 0 ? ` [${parameters.join('').slice(1)}]` : ''}`
  })
  return `
Faults, with the parameters they have if none are given:
${lines.join('\n')}

  Other parameters are given as JSON, for example
    --fault '{"kind":"withhold","leaves":{"names":["victim.example"]}}'
    --fault '{"kind":"slow","ms":2000,"at":"proofs"}'
  "leaves" is "all", {"hashes":[...]} of leaf hashes in hex, or {"names":[...]} of names that occur in the certificate;
  "at" is "proofs" or "all".

Endpoints:
  /ct/v1/...         RFC 6962 section 4; with --static, submission and get-roots only
  /monitor/...       with --static: checkpoint, tile/..., issuer/...
  GET  /dev/state    log ID, key, size, tree head, faults
  POST /dev/faults   {"faults":[...]} replaces all faults, and a tree head is signed
  POST /dev/merge    merges what is pending
  POST /dev/publish  signs a tree head

Prints {"url","logId","key","mmd"}, with --static "monitoringUrl" too, on one line once it listens.
SIGTERM and SIGINT stop it. Exit status: 0 stopped, 1 failed, 2 wrong usage.`
}

async function run(options: Options, command: Command): Promise<void> {
  const { key: keyType, mergeDelay, static: staticCt = false, ...rest } = options
  const asked = { ...rest, keyType, staticCt, ...(mergeDelay !== undefined && { mergeDelay }) }
  if (mergeDelay !== undefined && mergeDelay > options.mmd) end(command, '--merge-delay: more than --mmd', misused)
  const devLog = await startDevLog(asked).catch((error: Error) => end(command, error.message, failed))
  const { url, logId, key, mmd, monitoringUrl } = devLog.log
  // Listening for the signal comes first: who reads the line may send it at once.
  const stop = stopSignal()
  process.stdout.write(`${JSON.stringify({ url, logId, key, mmd, monitoringUrl })}\n`)
  await stop
  await devLog.close()
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off('SIGTERM', stop).off('SIGINT', stop)
      resolve()
    }
    process.on('SIGTERM', stop).on('SIGINT', stop)
  })
}

function integer(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text)
    if (/^[0-9]+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`An integer from ${min} to ${max} is wanted.`)
  }
}

function loopback(host: string): string {
  if (isLoopback(host)) return host
  throw new InvalidArgumentError(`A development log is test equipment: it listens on 127.0.0.0/8 or ::1.`)
}

function faults(text: string, before: readonly Fault[]): readonly Fault[] {
  const fault = parseFault(text)
  if (!fault.ok) throw new InvalidArgumentError(fault.detail)
  if (before.some(({ kind }) => kind === fault.value.kind)) {
    throw new InvalidArgumentError(`The fault ${fault.value.kind} occurs twice.`)
  }
  return [...before, fault.value]
}
