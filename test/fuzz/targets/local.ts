// What operators and the other end of the conformance pipe write: configuration, JSON Lines, vectors.

import { defaultConfig } from '../../../src/adapters/cli/config-command.ts'
import { lineSplitter } from '../../../src/adapters/conform/lines.ts'
import { ownSut } from '../../../src/adapters/conform/own-sut.ts'
import { maxLineBytes, parseLine, sutMessage } from '../../../src/adapters/conform/protocol.ts'
import { answerTo } from '../../../src/adapters/conform/sut.ts'
import { vector } from '../../../src/adapters/conform/vectors.ts'
import { auditorSchema } from '../../../src/adapters/daemon/auditor-config.ts'
import { checkConfig } from '../../../src/adapters/daemon/config.ts'
import { relaySchema } from '../../../src/adapters/daemon/relay-config.ts'
import { parseJson } from '../../../src/adapters/node/http/shapes.ts'
import { accepted, must, type Target } from '../target.ts'
import { messageSeeds } from './seeds.ts'

const sut = ownSut(['L0'])

/** A defect of a function is an answer `errored` with the exception's text, which a misfit's never is. */
function take(line: string): void {
  parseLine(sutMessage, line)
  const answer = answerTo(sut, line)
  if (answer === 'stop') return
  must(parseLine(sutMessage, JSON.stringify(answer)) !== undefined, 'an answer that is no message')
  const thrown = answer.type === 'errored' && /^[A-Z]\w*Error: /.test(answer.message)
  if (thrown) throw new Error(`a function threw: ${answer.message}`)
}

const config = (daemon: 'relay' | 'auditor') => () => [Buffer.from(JSON.stringify(defaultConfig(daemon), null, 2))]

export const localTargets: readonly Target[] = [
  {
    name: 'config-relay',
    seeds: config('relay'),
    run: (input) => {
      accepted(checkConfig('relay.json', parseJson(input), relaySchema), ['badConfig'])
    },
  },
  {
    name: 'config-auditor',
    seeds: config('auditor'),
    run: (input) => {
      accepted(checkConfig('auditor.json', parseJson(input), auditorSchema), ['badConfig'])
    },
  },
  {
    name: 'runner-protocol',
    seeds: () => messageSeeds().map((seed) => Buffer.concat([seed, Buffer.from('\n')])),
    run: (input) => {
      const split = lineSplitter(maxLineBytes, { line: take, tooLong: () => {} })
      const middle = input.length >> 1
      split(input.subarray(0, middle))
      split(input.subarray(middle))
      vector.safeParse(parseJson(input))
    },
  },
]
