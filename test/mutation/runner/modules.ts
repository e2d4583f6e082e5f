// Loads the sandbox's modules, again for each generation: a mutant in code that runs while modules load is active only in modules
// that were loaded under it. Packages are loaded once. Invariant: within a generation a module is one instance.
import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { counted } from './steps.ts'

const shim = new URL('./vitest.ts', import.meta.url).href
const ours = /\/(src|test)\/[^?]*\.ts$/

export interface Modules {
  /** The module of a file under the sandbox, of the current generation. */
  readonly load: (file: string) => Promise<unknown>
  readonly renew: () => void
  /** Every file under the sandbox that this one imports, itself included. */
  readonly reach: (file: string) => ReadonlySet<string>
}

export function modulesOf(sandbox: string): Modules {
  const root = pathToFileURL(`${sandbox}/`).href
  const inSandbox = (url: string) => url.startsWith(root) && ours.test(url) && !url.includes('/node_modules/')
  const stripped = new Map<string, string>()
  const imports = new Map<string, Set<string>>()
  let generation = 0

  function strip(url: string): string {
    const known = stripped.get(url)
    if (known !== undefined) return known
    const source = counted(stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8')))
    stripped.set(url, source)
    return source
  }

  registerHooks({
    resolve(specifier, context, next) {
      const parent = context.parentURL?.split('?')[0] ?? ''
      if (specifier === 'vitest' && inSandbox(parent)) return { url: shim, shortCircuit: true }
      const found = next(specifier, context)
      const url = found.url.split('?')[0] ?? ''
      if (!inSandbox(url)) return found
      const file = url.slice(root.length)
      if (inSandbox(parent)) imports.get(parent.slice(root.length))?.add(file)
      if (!imports.has(file)) imports.set(file, new Set())
      return { ...found, url: `${url}?generation=${generation}`, format: 'module', shortCircuit: true }
    },
    load(url, context, next) {
      const bare = url.split('?')[0] ?? ''
      if (!inSandbox(bare)) return next(url, context)
      return { format: 'module', source: strip(bare), shortCircuit: true }
    },
  })

  return {
    load: (file) => import(`${root}${file}?generation=${generation}`),
    renew: () => {
      generation += 1
    },
    reach(file) {
      const met = new Set([file])
      for (const each of met) for (const imported of imports.get(each) ?? []) met.add(imported)
      return met
    },
  }
}
