// spec/coverage.md, drawn from what cites each requirement. Invariant: the same sources give the same page; no time, no order of a folder.
import type { Review } from './gate.ts'
import { reviewFile } from './gate.ts'
import type { Row } from './rows.ts'

export const pageFile = 'spec/coverage.md'

export function pageOf(rows: readonly Row[], review: Review): string {
  const musts = rows.filter(({ requirement }) => requirement.level === 'MUST')
  const excepted = Object.entries(review.exceptions)
  return `${head(rows.length, musts.length, excepted.length)}
| requirement | level | model | transitions | properties | other tests | positive | negative |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.map((row) => line(row, row.requirement.id in review.exceptions)).join('')}
## Without a property or a negative vector

The sentences marked * above, why they have no property or no negative vector, and the test that covers them instead.

| requirement | why | covered by |
| --- | --- | --- |
${excepted.map(([id, { reason, test }]) => `| ${id} | ${reason} | \`${test}\` |\n`).join('')}`
}

function head(all: number, musts: number, excepted: number): string {
  return `# Coverage of the specification

Drawn by \`npm run generate\` from what cites the requirements; not edited by hand. ${all} sentences, ${musts} of them with MUST; ${excepted} are excepted
with a reason.

- A citation names a sentence (\`RELAY-014.2\`). A family alone (\`RELAY-014\`) stands for its first sentence, \`RELAY-014.1\`.
- **model**: definitions of \`spec/quint\` under a comment that cites it. **transitions**: rows of the machines' tables whose \`meta.req\` cites it.
- **properties**: titles under \`test/properties\`, \`explorer\`, \`refinement\` and \`conform\`. **other tests**: under \`test/contract\` and \`e2e\`.
- A **negative vector** of a sentence is one of two: a vector that cites it and expects a refusal (an error, \`valid: false\`, tails, an outcome that is not
  \`proven\`, a verdict that is not \`ctr\`, an event that is ignored or rejected); or one that claims the sentence or its family and that a broken
  implementation of exactly this sentence fails (\`examples/broken\`; written \`bug name\`, the vectors are in \`examples/broken/caught.json\`).
- A **positive vector** is any other that cites it. Vectors of L1 cite families; for a sentence after the first, \`caught.json\` says which are about it.

\`npm run check\` fails for a MUST without property or negative vector, unless \`${reviewFile}\` says why and names a test that cites it; for an
exception that is needed no more; for an ID that no page has, wherever it is cited; and for a sentence that is new or changed until its coverage was
looked at (\`npm run coverage:renew -- ID\`).
`
}

function line(
  { requirement, model, transitions, properties, tests, positive, refusals, bugs }: Row,
  excepted: boolean,
): string {
  const { id, level } = requirement
  const models = [...new Set(model.map(({ name, file }) => name || file.replace(/^.*\//, '')))]
  const negative = [...(refusals.length > 0 ? [String(refusals.length)] : []), ...bugs.map(({ bug }) => `\`${bug}\``)]
  const cells = [
    excepted ? `${id} *` : id,
    level,
    named(models),
    count(transitions.length),
    within(properties),
    within(tests),
    count(positive.length),
    negative.join(', '),
  ]
  return `| ${cells.map((cell) => cell || '-').join(' | ')} |\n`
}

const count = (number: number): string => (number === 0 ? '' : String(number))

function named(names: readonly string[]): string {
  const [first, second] = names
  if (first === undefined) return ''
  const shown = second === undefined ? `\`${first}\`` : `\`${first}\`, \`${second}\``
  return names.length > 2 ? `${shown} and ${names.length - 2} more` : shown
}

/** How many, and in which files. */
function within(tests: readonly { readonly file: string }[]): string {
  const files = [...new Set(tests.map(({ file }) => file.replace(/^test\/(properties\/)?|\.test\.ts$|\.ts$/g, '')))]
  const [first] = files
  if (first === undefined) return ''
  return files.length === 1 ? `${tests.length}: ${first}` : `${tests.length}: ${first} and ${files.length - 1} more`
}
