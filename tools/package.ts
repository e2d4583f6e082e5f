// `npm run package`: the package as it is published, from a build of now. `npm pack` alone runs no script here (.npmrc), so it would take
// whatever `dist` there is. Invariant: what is packed has one built file for each source that the build takes; `dist` is gone afterwards.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, rmSync } from 'node:fs'

const main = 'dist/adapters/cli/main.js'
/** `-- --pack-destination FOLDER` and the like are npm's. */
const options = process.argv.slice(2)

function run(command: string, args: readonly string[]): string {
  const { status, stdout, error } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  if (status === 0) return stdout
  if (error !== undefined) console.error(`error: ${command}: ${error.message}`)
  process.stdout.write(stdout ?? '')
  throw new Error(`${command} ${args.join(' ')}: status ${status}`)
}

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

function pack(): Packed {
  run('npm', ['run', '--silent', 'build'])
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', ...options])) as readonly Packed[]
  if (packed === undefined) throw new Error('npm pack: no package')
  return packed
}

/** Built files that were not packed. */
function missing({ files }: Packed): readonly string[] {
  const paths = new Set(files.map(({ path }) => path))
  return [main, ...globSync('dist/**/*.js')].filter((file) => !paths.has(file))
}

rmSync('dist', { recursive: true, force: true })
try {
  const packed = pack()
  const lacks = missing(packed)
  if (lacks.length > 0 || !existsSync(main)) throw new Error(`not packed: ${lacks.join(', ')}`)
  console.log(`${packed.filename}: ${packed.files.length} files`)
} catch (error) {
  console.error(`error: ${(error as Error).message}`)
  process.exitCode = 1
} finally {
  rmSync('dist', { recursive: true, force: true })
}
