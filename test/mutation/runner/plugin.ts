// A test runner for Stryker that keeps the properties loaded and switches mutants on in them: thousands of mutants in minutes, where
// vitest starts workers and loads every module for each. Invariant: a mutant that runs while modules load meets fresh modules, and
// all tests of every file that reaches it; any other meets all tests that cover it. It ends at the first failure.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import {
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner'
import { modulesOf } from './modules.ts'
import { type Declared, declare, type Registry } from './registry.ts'
import { runTest } from './run-test.ts'
import { survivors } from './survivors.ts'

interface Namespace {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  hitCount?: number | undefined
  hitLimit?: number | undefined
  mutantCoverage?: { readonly static: Record<string, number>; readonly perTest: Record<string, Record<string, number>> }
}

/** What the dry run found, for the processes that did not do it. */
interface Facts {
  readonly files: Readonly<Record<string, { readonly reach: readonly string[]; readonly ms: Record<string, number> }>>
}

const factsFile = 'mutation-facts.json'
/** Stryker allows 100 times the hits of the dry run, to leave room for shrinking, which is switched off here. */
const spareHits = 10
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
  const usual = (id: string) => readFacts().files[fileOf(id)]?.ms[id] ?? 1000

  async function timed(test: Declared): Promise<{ readonly result: TestResult; readonly overran: boolean }> {
    const start = performance.now()
    const outcome = await runTest(test, existsSync(factsFile) ? 4000 + 10 * usual(test.id) : 120_000)
    const result =
      outcome.type === 'failed' ? failed(test.id, outcome.message) : passed(test.id, performance.now() - start)
    return { result, overran: outcome.type === 'overran' }
  }

  async function dryRun() {
    const tests: TestResult[] = []
    const files: Record<string, { reach: readonly string[]; ms: Record<string, number> }> = {}
    for (const file of globSync(testFiles).sort()) {
      const registry = await registryOf(file)
      const ms: Record<string, number> = {}
      for (const test of registry.tests) {
        space.currentTestId = test.id
        const { result } = await timed(test)
        space.currentTestId = undefined
        ms[test.id] = result.timeSpentMs
        tests.push(result)
      }
      files[file] = { reach: [...modules.reach(file)], ms }
    }
    writeFileSync(factsFile, JSON.stringify({ files } satisfies Facts))
    const mutantCoverage = space.mutantCoverage ?? { static: {}, perTest: {} }
    return { status: DryRunStatus.Complete as const, tests, mutantCoverage }
  }

  /** Cheap tests that killed neighbours go first. */
  function ordered(ids: readonly string[], source: string): readonly string[] {
    const cost = new Map(ids.map((id) => [id, (usual(id) + 1) / ((kills.get(`${source} ${id}`) ?? 0) + 0.2)]))
    return ids.toSorted((a, b) => (cost.get(a) ?? 0) - (cost.get(b) ?? 0))
  }

  function planned(options: MutantRunOptions, source: string): readonly string[] {
    if (options.mutantActivation !== 'static' && options.testFilter !== undefined) return options.testFilter
    const reaching = Object.values(readFacts().files).filter(({ reach }) => reach.includes(source))
    return reaching.flatMap(({ ms }) => Object.keys(ms))
  }

  async function runOne(id: string): Promise<{ readonly result: TestResult; readonly overran: boolean }> {
    try {
      const test = (await registryOf(fileOf(id))).tests.find((each) => each.id === id)
      if (test === undefined) return { result: failed(id, 'the test is no longer declared'), overran: false }
      return await timed(test)
    } catch (error) {
      return { result: failed(id, `the test file does not load: ${error}`), overran: false }
    }
  }

  async function runAll(ids: readonly string[], limit: number | undefined): Promise<MutantRunResult> {
    const tests: TestResult[] = []
    for (const id of ids) {
      const { result, overran } = await runOne(id)
      tests.push(result)
      const endless = determineHitLimitReached(space.hitCount, limit)
      if (endless !== undefined) return toMutantRunResult(endless)
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
    const limit = options.hitLimit === undefined ? undefined : options.hitLimit / spareHits
    space.hitCount = 0
    space.hitLimit = limit
    space.activeMutant = options.activeMutant.id
    const result = await runAll(ids, limit)
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
