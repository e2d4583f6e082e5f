// How `npm run tutorial` reads spec/IMPLEMENTING.md and compares: what differs is seen, and what the page says varies is not.
import { expect, test } from 'vitest'
import { blocksOf, isShown } from '../../examples/tutorial.ts'

test('blocks come with what stands behind their fence and with their line', () => {
  const page = 'text\n\n```sh\na\nb\n```\n\n```python file=x.py\n```\n'
  expect(blocksOf(page)).toEqual([
    { info: 'sh', text: 'a\nb\n', line: 3 },
    { info: 'python file=x.py', text: '', line: 8 },
  ])
})

test.each([
  ['a\nb\n', 'a\nb\n', true],
  ['a\nb\n', 'a\nc\n', false],
  ['a\n', 'a\nb\n', false],
  ['a\nb\n', 'a\n', false],
  ['in … s (0)\n', 'in 0.1 s (0)\n', true],
  ['in … s (0)\n', 'in 0.1 s (1)\n', false],
  ['in … s\n', 'in 0.1\n s\n', false],
  ['a\n…\nb\n', 'a\nb\n', true],
  ['a\n…\nb\n', 'a\n1\n2\nb\n', true],
  ['a\n…\nb\n', 'a\n1\n2\n', false],
  ['a.c (*)\n', 'abc (*)\n', false],
])('shown %j, printed %j: %j', (shown, printed, agrees) => {
  expect(isShown(shown, printed)).toBe(agrees)
})
