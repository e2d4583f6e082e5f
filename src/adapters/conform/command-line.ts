// Splits a command as a shell does for words and quotes, without a shell: nothing is expanded, nothing else is run.
// Invariant: what a quote or a backslash protects stays as it is, and an open quote is an error.
import type { Result } from '../../machines/ct/types.ts'

/** The program and its arguments: words between blanks; '…' as it is; "…" with \" and \\; \c outside of quotes. */
export function splitCommand(text: string): Result<readonly [string, ...string[]], 'badCommand'> {
  const words: string[] = []
  let word: string | null = null
  let quote: string | null = null
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string
    const next = text[at + 1]
    if (quote !== null && char === quote) quote = null
    else if (quote === "'") word += char
    else if (char === '\\' && next !== undefined && (quote === null || next === '"' || next === '\\')) {
      word = (word ?? '') + next
      at++
    } else if (quote === null && (char === "'" || char === '"')) {
      quote = char
      word ??= ''
    } else if (quote === null && /\s/.test(char)) {
      if (word !== null) words.push(word)
      word = null
    } else word = (word ?? '') + char
  }
  if (word !== null) words.push(word)
  const [program, ...args] = words
  if (quote !== null) return { ok: false, error: 'badCommand', detail: `a quote ${quote} is not closed` }
  if (program === undefined || program === '') return { ok: false, error: 'badCommand', detail: 'no command' }
  return { ok: true, value: [program, ...args] }
}
