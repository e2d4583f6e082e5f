// Reading no further than a limit, of files that others write [CONS-008.2].
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readBounded, readBoundedSync } from '../../src/adapters/node/bounded-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ctor-bounded-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const limit = 100_000
const tooLarge = { kind: 'malformed', detail: 'bodyTooLarge' }

describe.each([
  ['at leisure', readBounded],
  ['at once', async (path: string, maxBytes: number) => readBoundedSync(path, maxBytes)],
] as const)('%s', (_, read) => {
  test('a file is read whole up to its limit, and refused a byte beyond it [CONS-008.2]', async () => {
    const path = join(folder, 'file')
    for (const length of [0, 1, limit - 1, limit]) {
      const bytes = Uint8Array.from({ length }, (_, at) => at % 251)
      await writeFile(path, bytes)
      expect(await read(path, limit)).toEqual({ kind: 'ok', value: bytes })
    }
    await writeFile(path, new Uint8Array(limit + 1))
    expect(await read(path, limit)).toEqual(tooLarge)
  })

  test('a file whose size says nothing, and that has no end, is read no further than that [CONS-008.2]', async () => {
    expect(await read('/dev/zero', limit)).toEqual(tooLarge)
    expect(await read('/dev/null', limit)).toEqual({ kind: 'ok', value: new Uint8Array() })
  })

  test('a pipe that is filled while it is read counts by what came, not by its size [CONS-008.2]', async () => {
    for (const [length, wanted] of [
      [limit, { kind: 'ok', value: new Uint8Array(limit) }],
      [limit + 1, tooLarge],
    ] as const) {
      const path = join(folder, `pipe-${length}`)
      execFileSync('mkfifo', [path])
      const writer = spawn('sh', ['-c', `head -c ${length} /dev/zero > "$0"`, path], { stdio: 'ignore' })
      const ended = once(writer, 'exit')
      expect(await read(path, limit)).toEqual(wanted)
      await ended
      await rm(path)
    }
  })

  test('what cannot be read is said by its code [CONS-008.2]', async () => {
    expect(await read(join(folder, 'none'), limit)).toEqual({ kind: 'unreachable', detail: 'ENOENT' })
    expect(await read(folder, limit)).toEqual({ kind: 'unreachable', detail: 'EISDIR' })
  })
})
