// Seeds of the targets: the inputs of the L0 vectors, and the real data where it is there.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { noRealData, realBytes, realJson } from '../../data.ts'

const folder = fileURLToPath(new URL('../../vectors/l0', import.meta.url))
const most = 300

/** A member of the inputs of a function's vectors, as it is there. */
function members(name: string, member: string): readonly unknown[] {
  const files = readdirSync(folder).filter((file) => new RegExp(`^${name}(-\\d+)?\\.json$`).test(file))
  const vectors = files.flatMap((file) => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')))
  return [...new Set(vectors.map(({ input }) => input[member]))].slice(0, most)
}

function texts(name: string, member: string): readonly string[] {
  return members(name, member).filter((value) => typeof value === 'string')
}

export function hexSeeds(name: string, member: string): readonly Uint8Array[] {
  return texts(name, member).map((hex) => Buffer.from(hex, 'hex'))
}

export function textSeeds(name: string, member: string): readonly Uint8Array[] {
  return texts(name, member).map((text) => Buffer.from(text))
}

export function listSeeds(name: string, member: string): readonly (readonly string[])[] {
  return members(name, member).filter((list) => Array.isArray(list))
}

/** Whole vectors as the messages in which a runner sends them; one a function. */
export function messageSeeds(): readonly Uint8Array[] {
  return readdirSync(folder).map((file) => {
    const [{ id, function: called, input }] = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))
    return Buffer.from(JSON.stringify({ type: 'run', id, level: 'L0', function: called, input }))
  })
}

/** Certificates that real CAs issued. */
export function realCertificates(): readonly Uint8Array[] {
  if (noRealData) return []
  const cases = realJson('sct-cases.json') as readonly { readonly chain: readonly string[] }[]
  return cases.flatMap(({ chain }) => chain.map((certificate) => Buffer.from(certificate, 'base64')))
}

export function realFile(path: string): readonly Uint8Array[] {
  return noRealData ? [] : [realBytes(path).subarray(0, 16 * 1024)]
}
