// An implementation in the runner's own process: for tests of vectors, which need no pipe.
// Invariant: it passes through the same lines as one in a process.
import { fault, type Implementation } from './implementation.ts'
import { parseLine, sutMessage } from './protocol.ts'
import { answerTo, type SutParts } from './sut.ts'

export function localSut(parts: SutParts): Implementation {
  return {
    ask: async (message) => {
      const answer = answerTo(parts, JSON.stringify(message))
      if (answer === 'stop') return fault('died')
      const parsed = parseLine(sutMessage, JSON.stringify(answer))
      return parsed === undefined ? fault('notMessage') : { kind: 'answer', message: parsed }
    },
    stop: async () => null,
    kill: () => {},
  }
}
