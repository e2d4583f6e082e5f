#!/usr/bin/env node
// Finds a Node.js that can run ctor, and hands over to it. Plain JavaScript: any Node.js from 18 on must be able to read it.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const wanted = 24
const root = fileURLToPath(new URL('..', import.meta.url))
const source = `${root}src/adapters/cli/main.ts`
const built = `${root}dist/adapters/cli/main.js`
// The published package has no src: Node.js strips no types under node_modules.
const main = existsSync(source) ? source : built
if (!existsSync(main)) {
  console.error('error: this package has no build in it: make it with `npm run package`, not with `npm pack`')
  process.exit(1)
}

if (major(process.versions.node) >= wanted) {
  process.argv[1] = main
  await import(new URL(main.slice(root.length), new URL('..', import.meta.url)).href)
} else {
  const bundled = [`${root}node_modules/.bin/node`, `${root}../.bin/node`].find(isNewEnough)
  if (bundled === undefined) {
    console.error(`error: ctor needs Node.js ${wanted} or later; this is ${process.versions.node}`)
    process.exit(1)
  }
  handOver(bundled)
}

function major(version) {
  return Number(version.split('.')[0])
}

function isNewEnough(node) {
  if (!existsSync(node)) return false
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' })
  return /^v\d+/.test(stdout ?? '') && major(stdout.slice(1)) >= wanted
}

/** The other Node.js has this terminal, gets this process's signals, and its exit status becomes this one's. */
function handOver(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`error: ${node}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + constants.signals[signal])
  })
}
