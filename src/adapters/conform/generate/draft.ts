// What a generator makes before it is a vector [spec/conformance.md, Files].
// Invariant: what an answer must be is said by the generator where it knows it, so that no bug of this implementation is frozen as truth.
import { call, functions } from '../functions.ts'
import { toWireObject, type Wire, type WireObject } from '../json.ts'

/**
 * `ok`, `error`: any value, any error. `code`: one of these errors. `value`: exactly this value, computed apart from the kernel.
 * `differs`: anything but what the input before the mutation gives. `retired`: what it was while the vector ran.
 */
export type Must =
  | { readonly kind: 'ok' | 'error' }
  | { readonly kind: 'code'; readonly codes: readonly string[] }
  | { readonly kind: 'value'; readonly value: object }
  | { readonly kind: 'members'; readonly members: object }
  | { readonly kind: 'differs'; readonly from: object }
  | { readonly kind: 'retired'; readonly answer: object }

export const ok: Must = { kind: 'ok' }
export const anyError: Must = { kind: 'error' }
export const code = (...codes: readonly string[]): Must => ({ kind: 'code', codes })
export const value = (of: object): Must => ({ kind: 'value', value: of })
/** These members, beside others. */
export const members = (of: object): Must => ({ kind: 'members', members: of })
/** The vector stays as it was, and is not run [spec/conformance.md]. */
export const retired = (answer: object): Must => ({ kind: 'retired', answer })
export const differs = (from: object): Must => ({ kind: 'differs', from })

export interface DraftL0 {
  readonly function: string
  /** A word for the ID. */
  readonly name: string
  /** Plain data, bytes within. */
  readonly input: object
  readonly must: Must
  readonly reqs: readonly string[]
  readonly comment: string
  /** Name of the mutation operator, or null where the case was made directly. */
  readonly operator?: string
}

export type VectorLine = { readonly id: string } & WireObject
export const since = '0.1.0'

/** @throws Error where an answer is not what the generator knows that it must be. */
export function vectorsL0(drafts: readonly DraftL0[]): readonly VectorLine[] {
  const id = namer()
  return drafts.map((draft): VectorLine => {
    const input = toWireObject(draft.input)
    const { must } = draft
    const answer = must.kind === 'retired' ? toWireObject(must.answer) : answerOf(draft.function, input)
    if (!meets(draft, answer))
      throw new Error(
        `${draft.function} ${draft.name}: ${JSON.stringify(answer).slice(0, 300)} is not ${say(draft.must)}`,
      )
    return {
      id: id(idOf(`L0-${draft.function}-${draft.name}`)),
      level: 'L0',
      function: draft.function,
      since,
      reqs: draft.reqs,
      comment: draft.comment,
      provenance: draft.operator === undefined ? 'directed' : `mutation:${draft.operator}`,
      input,
      expect: answer,
      ...(must.kind === 'retired' ? { flags: ['retired'] } : {}),
    }
  })
}

function answerOf(name: string, input: WireObject): WireObject {
  const known = functions[name]
  if (known === undefined) throw new Error(`no function ${name}`)
  const answer = call(known, input)
  if ('misfit' in answer) throw new Error(`${name}: input${answer.misfit}`)
  return answer
}

function meets({ function: name, must }: DraftL0, answer: WireObject): boolean {
  switch (must.kind) {
    case 'ok':
    case 'error':
      return must.kind in answer
    case 'code':
      return must.codes.includes(String(answer.error))
    case 'value':
      return canonical(answer.ok) === canonical(toWireObject(must.value))
    case 'members':
      return Object.entries(toWireObject(must.members)).every(
        ([member, wanted]) => canonical((answer.ok as WireObject | undefined)?.[member]) === canonical(wanted),
      )
    case 'retired':
      return true
    case 'differs':
      return canonical(answer) !== canonical(answerOf(name, toWireObject(must.from)))
  }
}

/** JSON with members in order. */
export function canonical(wire: Wire | undefined): string {
  if (wire === undefined) return ''
  if (typeof wire !== 'object') return JSON.stringify(wire)
  if (Array.isArray(wire)) return `[${wire.map(canonical).join()}]`
  const entries = Object.entries(wire).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`
}

function say(must: Must): string {
  return must.kind === 'code'
    ? must.codes.join(' or ')
    : `${must.kind} ${'value' in must ? JSON.stringify(toWireObject(must.value)).slice(0, 300) : ''}`
}

/** Of the characters that an ID may have. */
export function idOf(text: string): string {
  return text
    .replace(/\+/g, '-plus-')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 120)
}

/** Each name once: a second one gets a number. */
export function namer(): (name: string) => string {
  const seen = new Map<string, number>()
  return (name) => {
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return count === 1 ? name : `${name}-${count}`
  }
}
