// This implementation behind the protocol: `ctor sut` [spec/conformance.md, Protocol].
// Invariant: one answer a message, in order; whatever a vector holds, the answer is a message of the protocol and the process lives on.
import type { Readable, Writable } from 'node:stream'
import { presetNames } from './configs.ts'
import { type ConformFunction, call } from './functions.ts'
import { lineSplitter } from './lines.ts'
import type { ConformMachine } from './machines.ts'
import {
  type Level,
  maxLineBytes,
  parseJson,
  protocolVersion,
  type RunMessage,
  runnerMessage,
  type SutMessage,
} from './protocol.ts'
import { runTrace } from './trace.ts'

/** What an implementation consists of, so that a test can put another one in its place. */
export interface SutParts {
  readonly name: string
  readonly version: string
  readonly levels: readonly Level[]
  readonly functions: Readonly<Record<string, ConformFunction>>
  readonly machines: Readonly<Record<string, ConformMachine>>
}

/** The answer to a line; `stop` has none. */
export function answerTo(parts: SutParts, line: string): SutMessage | 'stop' {
  const given = parseJson(line)
  const parsed = runnerMessage.safeParse(given)
  if (!parsed.success) return { type: 'errored', id: idOf(given), message: 'not a message of the protocol' }
  const message = parsed.data
  if (message.type === 'stop') return 'stop'
  if (message.type === 'start') return started(parts)
  try {
    return run(parts, message)
  } catch (error) {
    return { type: 'errored', id: message.id, message: String(error) }
  }
}

function idOf(given: unknown): string {
  const id = (given as { readonly id?: unknown } | null | undefined)?.id
  return typeof id === 'string' ? id.slice(0, 128) : ''
}

function started({ name, version, levels, functions, machines }: SutParts): SutMessage {
  return {
    type: 'started',
    protocol: protocolVersion,
    name,
    version,
    levels: [...levels],
    functions: levels.includes('L0') ? Object.keys(functions) : [],
    machines: levels.includes('L1') ? Object.keys(machines) : [],
    presets: [...presetNames],
    features: [],
  }
}

function run({ functions, machines, levels }: SutParts, message: RunMessage): SutMessage {
  const { id, level } = message
  if (!levels.includes(level)) return { type: 'skipped', id, reason: `level ${level}` }
  if (level === 'L1') {
    if (!Object.hasOwn(machines, message.machine)) return { type: 'skipped', id, reason: `machine ${message.machine}` }
    const steps = runTrace(machines, message)
    return steps.ok
      ? { type: 'result', id, steps: [...steps.value] as never }
      : { type: 'errored', id, message: steps.detail }
  }
  const known = Object.hasOwn(functions, message.function) ? functions[message.function] : undefined
  if (known === undefined) return { type: 'skipped', id, reason: `function ${message.function}` }
  const answer = call(known, message.input)
  if ('misfit' in answer) return { type: 'errored', id, message: `input${answer.misfit}` }
  return { type: 'result', id, ...answer }
}

/** Serves until `stop` or the end of the input. */
export function serveSut(parts: SutParts, input: Readable, output: Writable): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      input.off('data', take)
      input.pause()
      resolve()
    }
    const take = lineSplitter(maxLineBytes, {
      line: (line) => {
        const answer = answerTo(parts, line)
        if (answer === 'stop') return end()
        if (output.write(`${JSON.stringify(answer)}\n`)) return
        input.pause()
        output.once('drain', () => input.resume())
      },
      tooLong: end,
    })
    input.on('data', take)
    input.once('end', resolve)
    // A runner that has gone away wants no answer.
    output.once('error', end)
  })
}
