// Implementations that break the protocol, or keep it without being of use: `node hostile.ts MODE`. Each answers a run with the error
// `wrong`, but for what its mode says.
import { createInterface } from 'node:readline'

const [mode = 'polite'] = process.argv.slice(2)
const started = {
  type: 'started',
  protocol: mode === 'versionTwo' ? '2' : '1',
  name: mode,
  version: '0',
  levels: mode === 'claimsNothing' ? [] : ['L0', 'L1'],
  functions: ['coin', 'dueAt', 'decodeSct'],
  machines: mode === 'claimsWithoutNames' ? [] : ['relay', 'sfo', 'circuit'],
  presets: ['minimal'],
  features: [],
}
let runs = 0
let previous = ''

const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`)

function flood(text: string): void {
  while (process.stdout.write(text.repeat(1000)));
  process.stdout.once('drain', () => flood(text))
}

function run(id: string, level: string, line: string): void {
  runs++
  const answer = { type: 'result', id, error: 'wrong' }
  if (mode === 'hangs') return
  if (mode === 'diesMidRun' && runs === 2) process.exit(7)
  if (mode === 'floods') flood('x')
  else if (mode === 'floodsLines') flood('{"type":"result","id":"?","error":"wrong"}\n')
  else if (mode === 'junk') process.stdout.write('Segmentation fault\n')
  else if (mode === 'echoes') process.stdout.write(`${line}\n`)
  else if (mode === 'outOfOrder') say({ ...answer, id: previous })
  else if (mode === 'twice') process.stdout.write(`${JSON.stringify(answer)}\n`.repeat(2))
  else if (mode === 'lacksL1' && level === 'L1') say({ type: 'errored', id, message: 'no machines here' })
  else if (mode === 'skipsL1' && level === 'L1') say({ type: 'skipped', id, reason: 'no machines here' })
  else if (mode === 'skips') say({ type: 'skipped', id, reason: 'not today' })
  else if (mode === 'extraMember') say({ ...answer, confidence: '1' })
  else say(answer)
  previous = id
}

if (mode === 'diesAtStart') process.exit(3)
if (mode === 'chattyOnStderr') process.stderr.write('about to work\n')
// A helper that outlives it, and holds its output open.
if (mode === 'leavesHelper') {
  const { spawn } = await import('node:child_process')
  spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: ['ignore', 'inherit', 'ignore'] })
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { type, id, level } = JSON.parse(line)
  if (mode === 'silent') return
  if (type === 'start') say(started)
  else if (type === 'run') run(id, level, line)
  else if (mode === 'badStop') process.exit(5)
  else if (mode !== 'lingers') process.exit(0)
})
if (mode === 'lingers' || mode === 'silent') setInterval(() => {}, 1000)
