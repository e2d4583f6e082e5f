// A test runner for Stryker that keeps the properties loaded and switches mutants on in them: thousands of mutants in minutes, where
// vitest starts workers and loads every module for each. Invariant: a mutant that runs while modules load meets fresh modules, and
// all tests of every file that reaches it; any other meets all tests that cover it. It ends at the first failure.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import {
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner'
import { isListed } from './listed.ts'
import { modulesOf } from './modules.ts'
import { type Declared, declare, type Registry } from './registry.ts'
import { runTest } from './run-test.ts'
import { beginSteps, type Steps, tookTooMany } from './steps.ts'
import { survivors } from './survivors.ts'

interface Namespace extends Steps {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  mutantCoverage?: { readonly static: Record<string, number>; readonly perTest: Record<string, Record<string, number>> }
}

/** What the dry run found, for the processes that did not do it. */
interface Facts {
  readonly files: Readonly<Record<string, { readonly reach: readonly string[]; readonly usual: Record<string, Usual> }>>
}

/** What a test takes of the code as it is. */
interface Usual {
  readonly ms: number
  readonly steps: number
}

const factsFile = 'mutation-facts.json'
/** What a test may take while a mutant is active. */
const allowed = ({ ms, steps }: Usual) => ({ ms: 4000 + 10 * ms, steps: 1e6 + 20 * steps })
/** A mutant that is listed as equivalent meets its first tests alone: nothing is expected of the rest. */
const listedMs = 1000
const testFiles = process.env.CTOR_MUTATION_TESTS || 'test/{properties/**/*,explorer/explorer,conform/answers}.test.ts'
const world = globalThis as { __stryker__?: Namespace }
world.__stryker__ ??= {}
const space = world.__stryker__

const failed = (id: string, failureMessage: string): TestResult => ({
  id,
  name: id,
  timeSpentMs: 0,
  status: TestStatus.Failed,
  failureMessage,
})

const passed = (id: string, timeSpentMs: number): TestResult => ({
  id,
  name: id,
  timeSpentMs,
  status: TestStatus.Success,
})

function runner(): TestRunner {
  const modules = modulesOf(process.cwd())
  let loaded = new Map<string, Registry>()
  let facts: Facts | null = null
  /** How often a test killed a mutant of a file: the likeliest go first. */
  const kills = new Map<string, number>()

  async function registryOf(file: string): Promise<Registry> {
    const known = loaded.get(file)
    if (known !== undefined) return known
    await modules.load('test/mutation/runner/settings.ts')
    const registry = await declare(file, () => modules.load(file))
    loaded.set(file, registry)
    return registry
  }

  async function renew(): Promise<void> {
    modules.renew()
    const ended = loaded
    loaded = new Map()
    for (const registry of ended.values()) for (const end of registry.afterAll) await end()
  }

  function readFacts(): Facts {
    const read: Facts = facts ?? JSON.parse(readFileSync(factsFile, 'utf8'))
    facts = read
    return read
  }

  const fileOf = (id: string) => id.slice(0, id.indexOf('#'))
  const usual = (id: string): Usual => readFacts().files[fileOf(id)]?.usual[id] ?? { ms: 1000, steps: 1e6 }

  async function timed(test: Declared, { ms, steps }: Usual) {
    beginSteps(space, steps)
    const start = performance.now()
    const outcome = await runTest(test, ms)
    const result =
      outcome.type === 'failed' ? failed(test.id, outcome.message) : passed(test.id, performance.now() - start)
    return { result, overran: outcome.type === 'overran' || tookTooMany(space) }
  }

  async function dryRun() {
    const tests: TestResult[] = []
    const files: Record<string, Facts['files'][string]> = {}
    space.covering = true
    for (const file of globSync(testFiles).sort()) {
      const registry = await registryOf(file)
      const ofTests: Record<string, Usual> = {}
      for (const test of registry.tests) {
        space.currentTestId = test.id
        const { result } = await timed(test, { ms: 120_000, steps: 1e12 })
        space.currentTestId = undefined
        ofTests[test.id] = { ms: result.timeSpentMs, steps: space.steps ?? 0 }
        tests.push(result)
      }
      files[file] = { reach: [...modules.reach(file)], usual: ofTests }
    }
    space.covering = false
    writeFileSync(factsFile, JSON.stringify({ files } satisfies Facts))
    const mutantCoverage = space.mutantCoverage ?? { static: {}, perTest: {} }
    return { status: DryRunStatus.Complete as const, tests, mutantCoverage }
  }

  /** Cheap tests that killed neighbours go first. */
  function ordered(ids: readonly string[], source: string): readonly string[] {
    const cost = new Map(ids.map((id) => [id, (usual(id).ms + 1) / ((kills.get(`${source} ${id}`) ?? 0) + 0.2)]))
    return ids.toSorted((a, b) => (cost.get(a) ?? 0) - (cost.get(b) ?? 0))
  }

  function planned(options: MutantRunOptions, source: string): readonly string[] {
    if (options.mutantActivation !== 'static' && options.testFilter !== undefined) return options.testFilter
    const reaching = Object.values(readFacts().files).filter(({ reach }) => reach.includes(source))
    return reaching.flatMap(({ usual }) => Object.keys(usual))
  }

  async function runOne(id: string): Promise<{ readonly result: TestResult; readonly overran: boolean }> {
    beginSteps(space, 1e8)
    try {
      const test = (await registryOf(fileOf(id))).tests.find((each) => each.id === id)
      if (test === undefined) return { result: failed(id, 'the test is no longer declared'), overran: false }
      return await timed(test, allowed(usual(id)))
    } catch (error) {
      return { result: failed(id, `the test file does not load: ${error}`), overran: false }
    }
  }

  async function runAll(ids: readonly string[], ms: number): Promise<MutantRunResult> {
    const tests: TestResult[] = []
    const start = performance.now()
    for (const id of ids) {
      if (performance.now() - start > ms) break
      const { result, overran } = await runOne(id)
      tests.push(result)
      if (overran) return toMutantRunResult({ status: DryRunStatus.Timeout, reason: `${id} ran on` })
      if (result.status === TestStatus.Failed) break
    }
    return toMutantRunResult({ status: DryRunStatus.Complete, tests })
  }

  async function mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const source = options.sandboxFileName.slice(process.cwd().length + 1)
    const fresh = options.mutantActivation === 'static'
    const ids = ordered(planned(options, source), source)
    if (fresh) await renew()
    else for (const id of ids) await registryOf(fileOf(id))
    space.activeMutant = options.activeMutant.id
    const result = await runAll(ids, isListed(options.activeMutant, source) ? listedMs : Number.POSITIVE_INFINITY)
    space.activeMutant = undefined
    if (fresh) await renew()
    for (const id of 'killedBy' in result ? result.killedBy : []) {
      kills.set(`${source} ${id}`, (kills.get(`${source} ${id}`) ?? 0) + 1)
    }
    return result
  }

  return { capabilities: () => ({ reloadEnvironment: true }), dryRun, mutantRun, dispose: renew }
}

export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, 'resident', runner),
  declareFactoryPlugin(PluginKind.Reporter, 'survivors', survivors),
]
