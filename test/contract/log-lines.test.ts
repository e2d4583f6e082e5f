// Log lines on standard error that fails, stalls and recovers: nothing waits for it, and what is written are whole lines.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { logLines, maxWaitingBytes, type Write } from '../../src/adapters/node/log-lines.ts'
import { pinoLogger } from '../../src/adapters/node/logger.ts'

type Answer = 'ENOSPC' | 'EPIPE' | number

/** Answers each write at once: an error, or as many bytes as are given, at most the whole. */
function descriptor(answers: readonly Answer[]) {
  const left = [...answers]
  let text = ''
  const write: Write = (bytes, done) => {
    const answer = left.shift() ?? bytes.length
    if (typeof answer === 'string') return done(Object.assign(new Error(answer), { code: answer }), 0)
    const count = Math.min(Math.max(1, answer), bytes.length)
    text += bytes.toString('utf8', 0, count)
    done(null, count)
  }
  return { write, text: () => text }
}

const answer = fc.oneof(fc.constantFrom<Answer>('ENOSPC', 'EPIPE'), fc.integer({ min: 1, max: 12 }))

test('whatever fails, each line is written whole and once, in order, or is counted as lost', () => {
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 60 }), fc.integer({ min: 1, max: 30 }), (answers, count) => {
      const at = descriptor(answers)
      let lost = 0
      const lines = logLines((so) => {
        expect(so).toBeGreaterThan(lost)
        lost = so
      }, at.write)
      const all = Array.from({ length: count }, (_, n) => `{"line":${n}}`)
      for (const line of [...all, ...answers.map(() => '{"end":1}'), '{"end":2}']) lines.write(`${line}\n`)
      const whole = at.text().split('\n')
      const written = whole.filter((line) => all.includes(line))
      expect(written).toEqual(all.filter((line) => written.includes(line)))
      expect(whole.slice(-2)).toEqual(['{"end":2}', ''])
      expect(written.length + lost).toBeGreaterThanOrEqual(all.length)
      if (answers.every((one) => typeof one === 'number')) expect([written, lost]).toEqual([all, 0])
    }),
  )
})

test('a reader that has stopped holds nobody up, and what does not fit is lost', () => {
  const waiting: (() => void)[] = []
  let bytes = 0
  const write: Write = (line, done) => {
    bytes += line.length
    waiting.push(() => done(null, line.length))
  }
  let lost = 0
  const lines = logLines((count) => {
    lost = count
  }, write)
  const line = `${'x'.repeat(1023)}\n`
  for (let n = 0; n < 2000; n++) lines.write(line)
  expect(waiting.length).toBe(1)
  for (let done = waiting.shift(); done !== undefined; done = waiting.shift()) done()
  expect([bytes, lost]).toEqual([maxWaitingBytes, 2000 - maxWaitingBytes / 1024])
})

test('a descriptor that is busy is tried again', async () => {
  let busy = 2
  let text = ''
  await new Promise<void>((written) => {
    const lines = logLines(
      () => {},
      (line, done) => {
        if (busy-- > 0) return done(Object.assign(new Error('busy'), { code: 'EAGAIN' }), 0)
        text += line
        done(null, line.length)
        written()
      },
    )
    lines.write('a\n')
    // What waits holds no process up; here a timer of the test does.
    setTimeout(() => {}, 1000)
  })
  expect(text).toBe('a\n')
})

test('the logger says how many lines were lost, in a line of its own', () => {
  const at = descriptor(['ENOSPC', 'ENOSPC'])
  const logger = pinoLogger({ daemon: 'relay', level: 'info', write: at.write })
  for (const round of [1, 2, 3]) logger.info({ round }, 'round ended')
  const lines = at.text().trim().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { round: 3, msg: 'round ended' },
    { level: 40, count: 2, msg: 'log lines that could not be written so far' },
  ])
})
