// Demo: plain text tables. Invariant: every row has as many cells as the heading.

/** Numbers are set right, text left. */
export function table(heading: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [heading, ...rows.map((row) => row.map(String))]
  const widths = heading.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const right = heading.map((_, column) => rows.every((row) => typeof row[column] === 'number'))
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (right[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [line(cells[0] as string[]), rule, ...cells.slice(1).map((row) => line(row as string[]))].join('\n')
}
