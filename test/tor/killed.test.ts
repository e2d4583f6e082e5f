// Whoever kills the owner of a private network leaves no tor process behind, and its folder goes with the next network.
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { sweep } from './network.ts'

const polling = { timeout: 120_000, interval: 200 }
/** Three authorities and three relays: they run before the network is ready. */
const servers = 6
let doomed: ChildProcess | undefined

afterAll(() => {
  doomed?.kill('SIGKILL')
})

/** Command lines of tor processes whose configuration is in a network's folder of this owner. */
function torsOf(owner: number): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      if (!readlinkSync(join('/proc', pid, 'exe')).endsWith('/tor')) return []
      const line = readFileSync(join('/proc', pid, 'cmdline'), 'utf8')
      return line.includes(`ctor-tor-${owner}-`) ? [line] : []
    } catch {
      return []
    }
  })
}

const foldersOf = (owner: number) => readdirSync(tmpdir()).filter((name) => name.startsWith(`ctor-tor-${owner}-`))

test('SIGKILL of its owner leaves no tor process of a private network, and the next one removes its folder', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'doomed.ts')], { stdio: 'ignore' })
  doomed = child
  const owner = child.pid ?? 0
  const gone = new Promise((resolve) => child.once('close', resolve))
  const running = () => torsOf(owner).filter((line) => !line.includes('--list-fingerprint'))
  // More, where a slow poll sees the client too.
  await expect.poll(() => running().length, polling).toBeGreaterThanOrEqual(servers)
  child.kill('SIGKILL')
  await gone
  await expect.poll(() => torsOf(owner), polling).toEqual([])
  expect(foldersOf(owner)).toHaveLength(1)
  sweep()
  expect(foldersOf(owner)).toEqual([])
})
