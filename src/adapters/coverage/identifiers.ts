// Requirement IDs in text [spec/conventions.md, IDs]. Invariant: a family that is cited without a sentence stands for its first one,
// so that a sentence that is added later is served by nothing that was written before it.
const id = '(?:RELAY|AUD|WIRE|EVID|CONS|INV)-\\d{3}(?:\\.\\d+)?'

/** Every ID in a text, as it is written. */
export function idsIn(text: string): readonly string[] {
  return text.match(new RegExp(`\\b${id}\\b`, 'g')) ?? []
}

/** The sentence that an ID stands for. */
export function sentenceOf(cited: string): string {
  return cited.includes('.') ? cited : `${cited}.1`
}

export function familyOf(cited: string): string {
  return cited.replace(/\..*$/, '')
}

/** Test titles with the IDs that they end in or carry: `'… [WIRE-004.1, INV-003]'`. */
export function titlesIn(source: string): readonly { readonly title: string; readonly ids: readonly string[] }[] {
  return source
    .split('\n')
    .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line))
    .flatMap((line) => {
      const [, title, list] = new RegExp(`([^'"\`]*)\\[(${id}(?:, ${id})*)\\]`).exec(line) ?? []
      return title === undefined || list === undefined ? [] : [{ title: title.trim(), ids: idsIn(list) }]
    })
}
