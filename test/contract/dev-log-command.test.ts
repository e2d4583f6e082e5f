// `ctor dev-log` as a process: its line, its end, its help and its errors.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { devLogCommand } from '../../src/adapters/dev-log/command.ts'

const command = fileURLToPath(new URL('../../src/adapters/dev-log/command.ts', import.meta.url))
const program = `import { devLogCommand } from ${JSON.stringify(command)}; await devLogCommand().parseAsync()`

test.each(['SIGTERM', 'SIGINT'] as const)(
  'it prints where it listens, answers, and ends with status 0 on %s',
  async (signal) => {
    const args = [
      '--mmd',
      '2000',
      '--key',
      'rsa-2048',
      '--fault',
      'refusing',
      '--fault',
      '{"kind":"slow","ms":1,"at":"all"}',
    ]
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program, '--', ...args])
    const exited = once(child, 'exit')
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const { url, logId, mmd } = JSON.parse(line)
    expect(mmd).toBe(2000)
    const state = await (await fetch(`${url}/dev/state`)).json()
    const kinds = [{ kind: 'refusing' }, { kind: 'slow', ms: 1 }]
    expect(state).toMatchObject({ logId, mmd: 2000, faults: kinds })
    child.kill(signal)
    expect(await exited).toEqual([0, null])
  },
)

function errorOf(...args: readonly string[]): Promise<string> {
  let written = ''
  const quiet = {
    writeErr: (text: string) => {
      written += text
    },
  }
  const parent = new Command('ctor').exitOverride().addCommand(devLogCommand().exitOverride().configureOutput(quiet))
  return parent.parseAsync(['dev-log', ...args], { from: 'user' }).then(
    () => 'no error',
    () => written,
  )
}

test.each([
  [['--fault', 'evil'], /'evil' is invalid\. kind: Invalid discriminator value[^\n]*\n$/],
  [['--fault', '{"kind":"slow","ms":"x"}'], /is invalid\. ms: Invalid input: expected number, received string\.\n$/],
  [['--fault', '{'], /'{' is invalid\. It begins as JSON, and is none\.\n$/],
  [['--port', '65536'], /An integer from 0 to 65535/],
  [['--mmd', '-1'], /An integer from 0/],
  [['--key', 'ed25519'], /Allowed choices are p-256, rsa-2048/],
  [
    ['--host', '0.0.0.0'],
    /'0\.0\.0\.0' is invalid\. A development log is test equipment: it listens on 127\.0\.0\.0\/8 or ::1\.\n$/,
  ],
  [['--mmd', '10', '--merge-delay', '11'], /^error: --merge-delay: more than --mmd\n$/],
  [['--fault', 'down', '--fault', 'down'], /occurs twice/],
])('%j is a clear error', async (args, message) => {
  expect(await errorOf(...args)).toMatch(message)
})

test('the help says that it is test equipment, and names each fault and endpoint', () => {
  let help = ''
  devLogCommand()
    .configureOutput({
      writeOut: (text) => {
        help += text
      },
    })
    .outputHelp()
  for (const text of [
    'Test equipment, not for operators',
    'split-view',
    'late-merge',
    '/dev/faults',
    '--sth-interval',
  ]) {
    expect(help).toContain(text)
  }
})
