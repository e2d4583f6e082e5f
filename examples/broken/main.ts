// An implementation under test that is wrong on purpose: `node examples/broken/main.ts --bug NAME`, or `--list` for the names.
// `ctor conform` must catch each bug, by a vector that claims the requirement that the bug violates.
import { ownSut } from '../../src/adapters/conform/own-sut.ts'
import { serveSut } from '../../src/adapters/conform/sut.ts'
import { bugs } from './bugs.ts'

const [option, name = ''] = process.argv.slice(2)
const bug = Object.hasOwn(bugs, name) ? bugs[name] : undefined
if (option === '--list') {
  for (const [one, { req, does }] of Object.entries(bugs)) console.log(`${req.padEnd(10)} ${one.padEnd(26)} ${does}`)
} else if (option === '--bug' && bug !== undefined) {
  await serveSut({ ...bug.breaks(ownSut()), name: `broken: ${name}` }, process.stdin, process.stdout)
} else {
  console.error('usage: main.ts --bug NAME | --list')
  if (option === '--bug') console.error(`error: no bug ${name || 'without a name'}; --list prints them`)
  process.exitCode = 2
}
