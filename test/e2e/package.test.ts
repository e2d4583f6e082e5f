// The published package, as `npm run package` makes it: it runs where it is installed, and one without its build says so.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ctor-package-'))
const modules = join(folder, 'node_modules')
const copy = join(folder, 'copy')

function run(command: string, args: readonly string[], cwd = folder) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  return { status, stdout, stderr }
}

const ctor = (...args: readonly string[]) => run(process.execPath, [join(modules, 'ctor/bin/ctor.js'), ...args])

beforeAll(() => {
  // In a copy, as a build of a working folder's own may be in use.
  mkdirSync(copy)
  for (const name of readdirSync(root))
    if (!/^(node_modules|\.git|reports|dist)$/.test(name))
      cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  const made = run('npm', ['run', '--silent', 'package', '--', '--pack-destination', folder], copy)
  expect(made).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(/^ctor-.*\.tgz: \d+ files\n$/) })
  mkdirSync(modules)
  expect(run('tar', ['-xzf', made.stdout.split(':')[0] ?? '']).status).toBe(0)
  cpSync(join(folder, 'package'), join(modules, 'ctor'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== 'ctor') symlinkSync(join(root, 'node_modules', name), join(modules, name))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('what is installed runs: every command, the vectors that it brings, and no source is in it', () => {
  expect(existsSync(join(modules, 'ctor/src'))).toBe(false)
  expect(existsSync(join(copy, 'dist'))).toBe(false)
  const help = ctor('--help')
  expect(help).toMatchObject({ status: 0, stderr: '' })
  const names = [...help.stdout.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name as string)
  expect(names.length).toBeGreaterThan(8)
  for (const name of names) expect(ctor(name, '--help')).toMatchObject({ status: 0, stderr: '' })
  expect(ctor('conform', '--list', '--level', 'L0').stdout.split('\n').length).toBeGreaterThan(1000)
  expect(JSON.parse(ctor('config', 'relay').stdout)).toMatchObject({ key: { path: 'relay.key' } })
})

test('packed without its build, as npm pack alone does, it says what is missing', () => {
  const bare = join(folder, 'bare')
  for (const name of ['bin', 'package.json']) cpSync(join(root, name), join(bare, name), { recursive: true })
  const { status, stdout, stderr } = run(process.execPath, [join(bare, 'bin/ctor.js'), '--version'])
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toBe('error: this package has no build in it: make it with `npm run package`, not with `npm pack`\n')
})
