// The files of test/vectors and spec/schemas, as text [spec/conformance.md, Files].
// Invariant: one vector a line, so that a difference is readable, and no file depends on when or where it was made.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { VectorLine } from './draft.ts'

/** By path from the package's root. */
export type Files = ReadonlyMap<string, string>

export const root = fileURLToPath(new URL('../../../..', import.meta.url))

export function renderVectors(vectors: readonly VectorLine[]): string {
  return `[\n${vectors.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`
}

/** Files that differ from those on disk, with a word why. */
export function differences(files: Files, folders: readonly string[]): readonly string[] {
  const known = new Set(folders.flatMap(filesBelow))
  const wrong = [...files].flatMap(([path, text]) => {
    if (!known.has(path)) return [`${path}: missing`]
    return readFileSync(join(root, path), 'utf8') === text ? [] : [`${path}: differs`]
  })
  return [...wrong, ...[...known].filter((path) => !files.has(path)).map((path) => `${path}: nothing makes it`)]
}

export function write(files: Files, folders: readonly string[]): void {
  for (const path of folders.flatMap(filesBelow)) if (!files.has(path)) rmSync(join(root, path))
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

function filesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.json'))
      .map((path) => join(folder, path))
  } catch {
    return []
  }
}
