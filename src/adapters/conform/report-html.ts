// The report for people: one HTML file without script, network or fonts.
// Invariant: everything from vectors and implementation is escaped text; a bar's parts are in proportion to the counts beside it.
import { escapeMarkup as text } from './markup.ts'
import type { Outcome, Run, Status } from './runner.ts'
import { type Counts, isHeard, type Summary, toldOutcomes } from './summary.ts'
import { subjectOf } from './vectors.ts'
import { shown } from './verdict.ts'

const colours: Readonly<Record<Status, string>> = {
  passed: '#2e7d32',
  failed: '#c62828',
  errored: '#ef6c00',
  broken: '#6a1b9a',
  skipped: '#9e9e9e',
  notRun: '#d0d0d0',
}
/** The rest is folded. */
const unfolded = 30
const shownStatuses = Object.keys(colours) as readonly Status[]

export function htmlReport(run: Run, summary: Summary): string {
  const who = run.sut === null ? 'no implementation' : `${run.sut.name} ${run.sut.version}`
  const bad = toldOutcomes(run)
  const heard = summary.requirements.filter(isHeard)
  const silent = summary.requirements.filter((one) => !isHeard(one))
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Conformance of ${text(who)}</title>
<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .15rem .6rem; vertical-align: top }
td.n, th.n { text-align: right } tr:nth-child(even) { background: #f6f6f6 } code { font-size: 13px; overflow-wrap: anywhere }
.path { white-space: nowrap } details td { min-width: 6rem }
svg { display: block; width: 100% } details { margin: .4rem 0 } details p, details table { margin: .2rem 0 .6rem 1.2rem; width: auto } summary { cursor: pointer } td svg { min-width: 12rem; margin-top: .35rem }
${shownStatuses.map((status) => `.${status} { color: ${colours[status]} }`).join('\n')}
</style></head><body>
<h1>Conformance of ${text(who)}</h1>
<p><strong>${text(summary.verdict)}</strong> (exit status ${summary.exitCode}): ${summary.executed} vectors executed in
${(run.ms / 1000).toFixed(1)} s, ${summary.known} known failures. <a href="#requirements">Requirements</a> are below.</p>
${bar(summary.counts, 28)}
<p>${legend(summary.counts)}</p>
${list(
  'Protocol',
  run.faults.map(({ code, detail }) => `<code>${code}</code>: ${text(detail)}`),
)}
${list(
  'Passed, but listed as known failures',
  summary.unexpectedPasses.map((id) => `<code>${text(id)}</code>`),
)}
<h2>Not as expected (${bad.length})</h2>
${bad.length === 0 ? '<p>None.</p>' : bad.map((one, at) => failure(one, at < unfolded)).join('\n')}
<h2 id="requirements">Requirements (${heard.length})</h2>
<table><thead><tr><th>requirement</th>${shownStatuses.map((status) => `<th class="n">${status}</th>`).join('')}<th></th></tr></thead><tbody>
${heard.map(({ requirement, counts }) => row(requirement, counts)).join('\n')}
</tbody></table>
${silent.length === 0 ? '' : `<p>Nothing ran of ${silent.length} more: ${silent.map(({ requirement }) => text(requirement)).join(', ')}.</p>`}
</body></html>
`
}

function row(requirement: string, counts: Counts): string {
  const cells = shownStatuses.map((status) => `<td class="n ${status}">${counts[status] || ''}</td>`).join('')
  return `<tr><td>${text(requirement)}</td>${cells}<td>${bar(counts, 10)}</td></tr>`
}

function bar(counts: Counts, height: number): string {
  const all = shownStatuses.reduce((sum, status) => sum + counts[status], 0)
  let from = 0
  const parts = shownStatuses.map((status) => {
    const width = all === 0 ? 0 : (counts[status] / all) * 1000
    const part = `<rect x="${from.toFixed(2)}" width="${width.toFixed(2)}" height="${height}" fill="${colours[status]}"><title>${counts[status]} ${status}</title></rect>`
    from += width
    return width === 0 ? '' : part
  })
  return `<svg role="img" aria-label="${all} vectors" viewBox="0 0 1000 ${height}" height="${height}" preserveAspectRatio="none">${parts.join('')}</svg>`
}

function legend(counts: Counts): string {
  return shownStatuses
    .map((status) => `<span class="${status}">&#9632;</span> ${counts[status]} ${status}`)
    .join(' &nbsp; ')
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `<h2>${title}</h2>\n<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`
}

function failure({ vector, status, note, differences, known }: Outcome, isOpen: boolean): string {
  const why = known ? 'passed, but is listed as a known failure' : note
  const rows = differences.map(
    ({ path, expected, given }) =>
      `<tr><td class="path"><code>${text(path || 'answer')}</code></td><td><code>${text(shown(expected, 2000))}</code></td><td><code>${text(shown(given, 2000))}</code></td></tr>`,
  )
  const table = `<table><thead><tr><th>path</th><th>expected</th><th>given</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
  return `<details${isOpen ? ' open' : ''}><summary><span class="${status}">${status}</span> <code>${text(vector.id)}</code> ${text(subjectOf(vector))}
(${text(vector.reqs.join(', '))}): ${text(vector.comment)}</summary>${why === '' ? '' : `<p>${text(why)}</p>`}${rows.length === 0 ? '' : table}</details>`
}
