// `ctor verify`: what an evidence bundle proves, offline [EVID-005]. Invariant: nothing but the two files is read, and the exit status
// is 0 only where the bundle convinces whoever trusts the log list.
import { Command } from 'commander'
import { type EvidenceVerdict, verifyEvidence } from '../../machines/ct/evidence.ts'
import type { BundleKind } from '../../machines/ct/evidence-bundle.ts'
import type { Log } from '../../machines/ct/types.ts'
import { readBoundedSync } from '../node/bounded-file.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { decodeLogList } from '../node/log-list.ts'
import { end, failed, misused } from './exit.ts'

const unconvincing = 3
const longestFile = 64 * 1024 * 1024

interface Options {
  readonly logList?: string
  readonly json?: boolean
}

export function verifyCommand(): Command {
  return new Command('verify')
    .summary('check an evidence bundle offline')
    .description(
      'Says what an evidence bundle proves, against which log and by which rule of spec/evidence.md. Key and MMD of the log are taken ' +
        'from the log list; without one they are the word of whoever made the bundle, and it convinces nobody.',
    )
    .argument('<file>', 'the bundle')
    .option('--log-list <file>', 'log list, version 3, whose keys and MMDs you trust')
    .option('--json', 'print the verdict as one JSON object')
    .addHelpText('after', helpText)
    .action((file: string, options: Options, command: Command) => {
      const logs = options.logList === undefined ? null : logsOf(options.logList, command)
      const verdict = verifyEvidence(nodeCrypto(), read(file, command), logs)
      if (!verdict.ok) {
        if (options.json) process.stdout.write(`${JSON.stringify({ error: verdict.error, detail: verdict.detail })}\n`)
        end(command, `${file}: proves nothing: ${verdict.error} (${verdict.detail})`, failed)
      }
      process.stdout.write(options.json ? `${JSON.stringify(verdict.value, null, 2)}\n` : inWords(verdict.value))
      process.exitCode = verdict.value.standing === 'proven' ? 0 : unconvincing
    })
}

const helpText = `
Exit status: 0 proves what it says, 1 broken or not shown by what it holds, 2 wrong usage or no such file, 3 holds together but does not
convince: a transcript, which rests on the word of who made it, or no log list was given.`

function read(file: string, command: Command): Uint8Array {
  const read = readBoundedSync(file, longestFile)
  if (read.kind === 'ok') return read.value
  if (read.kind === 'malformed') end(command, `${file}: too large`, failed)
  return end(command, `${file}: cannot be read: ${read.detail}`, misused)
}

/** An entry that is no log, as placeholders and those with another key's ID are, is none that anyone trusts. */
function logsOf(file: string, command: Command): readonly Log[] {
  const list = decodeLogList(nodeCrypto(), read(file, command))
  if (!list.ok) return end(command, `${file}: ${list.error}: ${list.detail}`, misused)
  return list.value.flatMap(({ log }) => (log === null ? [] : [log]))
}

const shown: Readonly<Record<BundleKind, string>> = {
  'split-view': 'It signed two trees of one size and different content: it shows different people different histories.',
  rollback: 'It signed a smaller tree after a larger one: it took entries back, or keeps two histories.',
  omission:
    'It promised a place in its tree to this certificate, and at the end of its MMD signed a tree that does not reach that place.',
  substitution:
    'It promised a place in its tree to this certificate, and put another entry there: this one is not in the log.',
  equivocation: 'It promised one place in its tree to two different entries.',
  'late-merge':
    'It merged this certificate after its MMD: the tree that it signed when the promise ran out does not contain it.',
  backdated:
    'It included this certificate in a tree that it dated before its promise to include it: one of both dates is false.',
  inconsistent: 'Two trees that it signed are both genuine, and it was asked to prove that one extends the other.',
  withheld:
    'Its promise to include this certificate is genuine and has run out, and it was asked to prove that it did.',
}

const worth: Readonly<Record<EvidenceVerdict['standing'], string>> = {
  proven: 'PROVEN. Everything in it is signed by the log whose key your log list has.',
  conditional:
    "CONDITIONAL. Key and MMD are the bundle's own claim. Check again with --log-list: anyone can make a log that convicts itself.",
  transcript:
    'NOT SELF-PROVING. That the log failed to answer as it must is the word of whoever made the bundle. Ask the log yourself.',
}

function inWords({ standing, kind, logId, rule, logFrom, mmd, leafIds, digest }: EvidenceVerdict): string {
  const lines = [
    `${kind}: ${worth[standing]}`,
    shown[kind],
    '',
    `log      ${logId}`,
    `         key and MMD (${mmd} ms) from the ${logFrom === 'list' ? 'log list' : 'bundle alone'}`,
    ...leafIds.map((leafId) => `leaf     ${leafId.slice(65)}`),
    `rule     ${rule}`,
    `digest   ${digest}`,
  ]
  return `${lines.join('\n')}\n`
}
