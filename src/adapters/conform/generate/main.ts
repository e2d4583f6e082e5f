// `npm run vectors` and `npm run vectors:check`: makes test/vectors and spec/schemas, or compares them byte for byte.
// Invariant: exit status 0 of --check only if every file is what the generators make, and there is no other.
import { differences, write } from './files.ts'
import { folders, generate } from './vectors.ts'

const [option, ...others] = process.argv.slice(2)
if (others.length > 0 || (option !== '--write' && option !== '--check')) {
  process.stderr.write('usage: node src/adapters/conform/generate/main.ts --write | --check\n')
  process.exitCode = 2
} else {
  const { files, counts } = await generate()
  for (const [subject, count] of counts) process.stdout.write(`${subject.padEnd(28)} ${String(count).padStart(5)}\n`)
  if (option === '--write') write(files, folders)
  else {
    const wrong = differences(files, folders)
    for (const line of wrong) process.stderr.write(`${line}\n`)
    process.exitCode = wrong.length === 0 ? 0 : 1
  }
}
