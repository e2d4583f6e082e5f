// L0 vectors of Merkle proofs, tree heads, proof sets, due times and challenges [WIRE-004, 005, 006, 009, 012; RELAY-003, 004, 007].
// Invariant: trees are those of trees.ts, signatures those of keys.ts; every wrong proof is a right one after a named operator.
import { fromHex, toBase64, toHex, utf8 } from '../../../machines/ct/bytes.ts'
import { uint64, vector16 } from './certificates.ts'
import { anyError, code, type DraftL0, type Must, value } from './draft.ts'
import { type Key, logIdOf, logOf } from './keys.ts'
import { joined, listOperators } from './operators.ts'
import { hexOf } from './random.ts'
import { ecdsaLog, otherLog, rsaLog, timestamp } from './sfo-samples.ts'
import { consistencyPath, inclusionPath, leavesOf, rootOf } from './trees.ts'

const logId = logIdOf(ecdsaLog.key)
const pathOf = (path: readonly Uint8Array[]) => path.map(toHex)
const reqs = ['WIRE-005.1']

export function inclusionOf(size: number, leafIndex: number) {
  const leaves = leavesOf('tree', size)
  const path = pathOf(inclusionPath(leaves, leafIndex))
  return { leafHash: toHex(leaves[leafIndex] as Uint8Array), leafIndex, size, root: toHex(rootOf(leaves)), path }
}

function inclusions(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const add = (name: string, input: object, must: Must, comment: string, operator?: string) =>
    drafts.push({
      function: 'verifyInclusion',
      name,
      input,
      must,
      reqs,
      comment,
      ...(operator === undefined ? {} : { operator }),
    })
  const trees = [
    ...[1, 2, 3, 4, 5, 6, 7, 8].flatMap((size) => Array.from({ length: size }, (_, at) => [size, at] as const)),
    [9, 8],
    [100, 0],
    [100, 63],
    [100, 64],
    [100, 99],
    [255, 254],
    [256, 255],
    [257, 256],
  ] as const
  for (const [size, at] of trees)
    add(`leaf-${at}-of-${size}`, inclusionOf(size, at), value({}), `Leaf ${at} of ${size}`)
  for (const [size, at] of [
    [2, 1],
    [7, 0],
    [7, 6],
    [8, 3],
    [100, 99],
  ] as const) {
    const right = inclusionOf(size, at)
    const wrong = (operator: string, changed: object, must: Must) =>
      add(
        `${operator}-${at}-of-${size}`,
        { ...right, ...changed },
        must,
        `Leaf ${at} of ${size} after ${operator}`,
        operator,
      )
    for (const [operator, change] of Object.entries(listOperators)) {
      const path = change(right.path)
      if (operator === 'swap-order' && path.join() === right.path.join()) continue
      wrong(operator, { path }, operator === 'swap-order' ? code('rootMismatch') : code('pathLength'))
    }
    if (at + 1 < size) wrong('index+1', { leafIndex: at + 1 }, anyError)
    wrong('index-at-size', { leafIndex: size }, code('indexBeyondSize'))
    wrong('index-2-53', { leafIndex: 2 ** 53 }, code('numberTooLarge'))
    wrong('size-2-53', { size: 2 ** 53 }, code('numberTooLarge'))
    wrong('size-0', { size: 0 }, code('emptyTree'))
    wrong('size-doubled', { size: size * 2 }, code('pathLength'))
    wrong('root-flip-bit', { root: flipped(right.root) }, code('rootMismatch'))
    wrong('leaf-flip-bit', { leafHash: flipped(right.leafHash) }, code('rootMismatch'))
    wrong('path-flip-bit', { path: right.path.map((one, i) => (i === 0 ? flipped(one) : one)) }, code('rootMismatch'))
    wrong('root-in-capitals', { root: 'A'.repeat(64) }, code('badHash'))
    wrong('leaf-short', { leafHash: right.leafHash.slice(2) }, code('badHash'))
    wrong('path-element-short', { path: right.path.map((one) => one.slice(2)) }, code('badHash'))
    wrong('path-element-empty', { path: right.path.map(() => '') }, code('badHash'))
    wrong('path-of-65', { path: Array(65).fill('') }, code('pathLength'))
  }
  // A leaf far to the right of a tree that nobody can hold: all siblings are made up, and the root with them.
  for (const size of [2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1])
    for (const at of [0, size - 1]) {
      const made = deepInclusion(size, at)
      add(`deep-leaf-${at}-of-${size}`, made, value({}), `Leaf ${at} of ${size}: no 32-bit arithmetic`)
      add(
        `deep-drop-path-element-${at}-of-${size}`,
        { ...made, path: made.path.slice(1) },
        code('pathLength'),
        `Leaf ${at} of ${size} after drop-path-element`,
        'drop-path-element',
      )
    }
  return drafts
}

/** Path and root by the definition: a node with a sibling at each level where its subtree does not end the tree. */
function deepInclusion(size: number, leafIndex: number) {
  const path: string[] = []
  let hash = fromHex(hexOf('deep leaf'))
  let [index, last] = [BigInt(leafIndex), BigInt(size - 1)]
  while (last > 0n) {
    const isLast = index === last
    if (index % 2n === 1n || !isLast) {
      const sibling = fromHex(hexOf(`sibling ${path.length}`))
      path.push(toHex(sibling))
      hash = parentOf(index % 2n === 1n ? [sibling, hash] : [hash, sibling])
    }
    index /= 2n
    last /= 2n
  }
  return { leafHash: hexOf('deep leaf'), leafIndex, size, root: toHex(hash), path }
}

function parentOf(pair: readonly [Uint8Array, Uint8Array]): Uint8Array {
  return rootOf(pair)
}

function flipped(hex: string): string {
  return hex.slice(0, -1) + (hex.endsWith('0') ? '1' : '0')
}

export function consistencyOf(size1: number, size2: number) {
  const leaves = leavesOf('tree', size2)
  return {
    size1,
    root1: toHex(rootOf(leaves.slice(0, size1))),
    size2,
    root2: toHex(rootOf(leaves)),
    path: pathOf(consistencyPath(leaves, size1)),
  }
}

function consistencies(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const add = (name: string, input: object, must: Must, comment: string, operator?: string) =>
    drafts.push({
      function: 'verifyConsistency',
      name,
      input,
      must,
      reqs: operator === 'size1-0' ? [...reqs, 'WIRE-006.1'] : reqs,
      comment,
      ...(operator === undefined ? {} : { operator }),
    })
  for (let size2 = 1; size2 <= 8; size2++)
    for (let size1 = 1; size1 <= size2; size1++)
      add(`${size1}-to-${size2}`, consistencyOf(size1, size2), value({}), `From ${size1} to ${size2}`)
  for (const [size1, size2] of [
    [1, 100],
    [63, 100],
    [64, 100],
    [65, 100],
    [99, 100],
    [128, 256],
    [255, 257],
  ] as const)
    add(`${size1}-to-${size2}`, consistencyOf(size1, size2), value({}), `From ${size1} to ${size2}`)
  for (const [size1, size2] of [
    [1, 2],
    [3, 7],
    [4, 7],
    [6, 8],
    [64, 100],
  ] as const) {
    const right = consistencyOf(size1, size2)
    const wrong = (operator: string, changed: object, must: Must) =>
      add(
        `${operator}-${size1}-to-${size2}`,
        { ...right, ...changed },
        must,
        `From ${size1} to ${size2} after ${operator}`,
        operator,
      )
    for (const [operator, change] of Object.entries(listOperators)) {
      const path = change(right.path)
      if (path.join() !== right.path.join())
        wrong(operator, { path }, operator === 'swap-order' ? code('rootMismatch') : code('pathLength', 'rootMismatch'))
    }
    wrong('swap-sizes', { size1: size2, size2: size1 }, code('sizeOrder'))
    wrong('swap-roots', { root1: right.root2, root2: right.root1 }, code('rootMismatch'))
    wrong('size1-0', { size1: 0 }, code('emptyTree'))
    wrong('size1-2-53', { size1: 2 ** 53 }, code('numberTooLarge'))
    wrong('size2-2-53', { size2: 2 ** 53 }, code('numberTooLarge'))
    wrong('size2+size2', { size2: size2 * 2 }, anyError)
    wrong('equal-sizes', { size2: size1 }, code('pathLength'))
    wrong('root1-flip-bit', { root1: flipped(right.root1) }, code('rootMismatch'))
    wrong('root2-flip-bit', { root2: flipped(right.root2) }, code('rootMismatch'))
    wrong('path-flip-bit', { path: right.path.map((one, i) => (i === 0 ? flipped(one) : one)) }, code('rootMismatch'))
    wrong('root1-short', { root1: right.root1.slice(2) }, code('badHash'))
    wrong('path-element-short', { path: right.path.map((one) => one.slice(1)) }, code('badHash'))
    wrong('path-of-65', { path: Array(65).fill('') }, code('pathLength'))
    wrong('no-path', { path: [] }, code('pathLength'))
  }
  for (const size of [1, 5, 8, 2 ** 53 - 1]) {
    const same = { size1: size, root1: hexOf('root'), size2: size, root2: hexOf('root'), path: [] }
    add(`equal-${size}`, same, value({}), `Two trees of ${size} with one root`)
    add(
      `equal-other-root-${size}`,
      { ...same, root2: hexOf('other root') },
      code('rootMismatch'),
      `Two trees of ${size} with two roots`,
      'other-root',
    )
    add(
      `equal-with-path-${size}`,
      { ...same, path: [hexOf('node')] },
      code('pathLength'),
      `Two trees of ${size} and a path`,
      'repeat-path-element',
    )
  }
  return drafts
}

interface Head {
  readonly timestamp: number
  readonly size: number
  readonly root: string
}

const headBytes = ({ timestamp: at, size, root }: Head) => joined([0, 1], uint64(at), uint64(size), fromHex(root))

export function signed(log: { readonly key: Key; readonly signatureAlgorithm: number }, head: Head) {
  const signature = log.key.sign(headBytes(head))
  return {
    logId: logIdOf(log.key),
    ...head,
    signature: toHex(joined([4, log.signatureAlgorithm], vector16(signature))),
  }
}

const heads: readonly Head[] = [0, 1, 255, 2 ** 32, 2 ** 53 - 1].map((size, at) => ({
  timestamp: at === 4 ? 2 ** 53 - 1 : at * 1_700_000_000_000,
  size,
  root: hexOf(`root ${size}`),
}))

function treeHeads(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  for (const head of heads) {
    drafts.push({
      function: 'sthSignatureInput',
      name: `size-${head.size}`,
      input: head,
      must: value({ bytes: headBytes(head) }),
      reqs: ['WIRE-004.1'],
      comment: `50 bytes: timestamp ${head.timestamp}, size ${head.size}`,
    })
    for (const [name, log] of Object.entries({ ecdsa: ecdsaLog, rsa: rsaLog }))
      drafts.push({
        function: 'verifySth',
        name: `${name}-size-${head.size}`,
        input: { log: logOf(log.key), sth: signed(log, head) },
        must: value({ valid: true }),
        reqs: ['WIRE-004.1', 'AUD-112.1'],
        comment: `A tree head of size ${head.size}, ${name}`,
      })
  }
  const sth = signed(ecdsaLog, heads[2] as Head)
  const wrong = (operator: string, changed: object, log = logOf(ecdsaLog.key)) =>
    drafts.push({
      function: 'verifySth',
      name: operator,
      input: { log, sth: { ...sth, ...changed } },
      must: value({ valid: false }),
      reqs: ['WIRE-004.1', 'AUD-112.1'],
      comment: `A tree head after ${operator}`,
      operator,
    })
  wrong('timestamp-plus-1', { timestamp: sth.timestamp + 1 })
  wrong('size+1', { size: sth.size + 1 })
  wrong('size-1', { size: sth.size - 1 })
  wrong('root-flip-bit', { root: flipped(sth.root) })
  wrong('swap-order', { timestamp: sth.size, size: sth.timestamp })
  wrong('signature-flip-bit', { signature: flipped(sth.signature) })
  wrong('truncate-1', { signature: sth.signature.slice(0, -2) })
  wrong('append-byte', { signature: `${sth.signature}00` })
  wrong('empty-signature', { signature: '' })
  wrong('other-hash-algorithm', { signature: `05${sth.signature.slice(2)}` })
  wrong('other-signature-algorithm', { signature: `0401${sth.signature.slice(4)}` })
  wrong('bare-signature', { signature: sth.signature.slice(8) })
  wrong('other-log', { logId: logIdOf(otherLog.key) })
  wrong('signed-by-other-log', { signature: signed(otherLog, heads[2] as Head).signature })
  wrong('other-key', {}, logOf(otherLog.key))
  wrong('other-log-same-key', {}, { ...logOf(ecdsaLog.key), logId: logIdOf(otherLog.key) })
  return [...drafts, ...getSths(sth)]
}

function getSths(sth: ReturnType<typeof signed>): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const json = {
    tree_size: sth.size,
    timestamp: sth.timestamp,
    sha256_root_hash: toBase64(fromHex(sth.root)),
    tree_head_signature: toBase64(fromHex(sth.signature)),
  }
  const add = (name: string, given: unknown, must: Must, operator?: string) =>
    drafts.push({
      function: 'decodeSth',
      name,
      input: { logId, body: utf8(typeof given === 'string' ? given : JSON.stringify(given)) },
      must,
      reqs: ['WIRE-006.2'],
      comment: `An answer to get-sth: ${name}`,
      ...(operator === undefined ? {} : { operator }),
    })
  const right = value({ ...sth, logId })
  add('right', json, right)
  add('unknown-member', { ...json, other: 1 }, right)
  add('white-space', JSON.stringify(json, null, 2), right)
  const bad = (operator: string, given: unknown) => add(operator, given, code('badSth'), operator)
  for (const member of Object.keys(json)) {
    bad(`without-${member}`, Object.fromEntries(Object.entries(json).filter(([name]) => name !== member)))
    bad(`null-${member}`, { ...json, [member]: null })
  }
  for (const size of [-1, 1.5, 2 ** 53, '1']) bad(`size-${size}`, { ...json, tree_size: size })
  for (const at of [-1, 0.5, 2 ** 53, '1']) bad(`timestamp-${at}`, { ...json, timestamp: at })
  bad('root-truncate-1', { ...json, sha256_root_hash: toBase64(fromHex(sth.root).slice(1)) })
  bad('root-append-byte', { ...json, sha256_root_hash: toBase64(joined(fromHex(sth.root), [0])) })
  bad('root-no-padding', { ...json, sha256_root_hash: json.sha256_root_hash.replace('=', '') })
  bad('root-in-hex', { ...json, sha256_root_hash: sth.root })
  bad('signature-truncate-1', { ...json, tree_head_signature: toBase64(fromHex(sth.signature).slice(0, -1)) })
  bad('signature-append-byte', { ...json, tree_head_signature: toBase64(joined(fromHex(sth.signature), [0])) })
  bad('signature-sha1', { ...json, tree_head_signature: toBase64(joined([2], fromHex(sth.signature).slice(1))) })
  for (const [name, text] of Object.entries({
    empty: '',
    array: '[]',
    string: '"x"',
    null: 'null',
    'not-json': '{',
    trailing: `${JSON.stringify(json)}x`,
  }))
    bad(name, text)
  return drafts
}

export function pairOf(size: number, at: number, log = ecdsaLog) {
  const { leafHash, leafIndex, root, path } = inclusionOf(size, at)
  return {
    leafId: `${logIdOf(log.key)}:${leafHash}`,
    sth: signed(log, { timestamp, size, root }),
    proof: { leafIndex, path },
  }
}

function proofSets(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const pairs = [pairOf(1, 0), pairOf(7, 3), pairOf(8, 7, rsaLog)]
  const add = (name: string, given: unknown, limit: number, must: Must, operator?: string) =>
    drafts.push({
      function: 'decodeProofSet',
      name,
      input: { body: utf8(typeof given === 'string' ? given : JSON.stringify(given)), limit },
      must,
      reqs: ['WIRE-009.1', 'RELAY-008.1'],
      comment: `A proof set: ${name}`,
      ...(operator === undefined ? {} : { operator }),
    })
  const set = { version: 1, pairs }
  add('empty', { version: 1, pairs: [] }, 256, value({ pairs: [] }))
  add('three', set, 256, value({ pairs }))
  for (const limit of [0, 1, 2, 3]) add(`limit-${limit}`, set, limit, value({ pairs: pairs.slice(0, limit) }))
  add('bad-beyond-limit', { version: 1, pairs: [...pairs, 1] }, 3, value({ pairs }))
  const bad = (operator: string, given: unknown) => add(operator, given, 256, code('badProofSet'), operator)
  bad('version-2', { ...set, version: 2 })
  bad('version-string', { ...set, version: '1' })
  bad('no-version', { pairs })
  bad('no-pairs', { version: 1 })
  bad('unknown-member', { ...set, other: 1 })
  bad('bare-list', pairs)
  for (const [name, text] of Object.entries({
    nothing: '',
    'truncate-1': JSON.stringify(set).slice(0, -1),
    'append-byte': `${JSON.stringify(set)}x`,
    null: 'null',
    html: '<html></html>',
  }))
    bad(name, text)
  const [pair] = pairs as [(typeof pairs)[0]]
  const one = (operator: string, changed: object) =>
    bad(operator, { version: 1, pairs: [pairs[1], { ...pair, ...changed }] })
  one('with-chain', { chain: ['MIIB'] })
  one('with-sct', { sct: 'AAAA' })
  one('leaf-id-in-capitals', { leafId: pair.leafId.toUpperCase() })
  one('leaf-id-without-log', { leafId: pair.leafId.slice(65) })
  one('no-proof', { proof: null })
  one('index-negative', { proof: { ...pair.proof, leafIndex: -1 } })
  one('index-2-53', { proof: { ...pair.proof, leafIndex: 2 ** 53 } })
  one('path-of-65', { proof: { ...pair.proof, path: Array(65).fill(pair.sth.root) } })
  one('path-element-short', { proof: { ...pair.proof, path: ['00'] } })
  one('sth-without-root', { sth: { ...pair.sth, root: undefined } })
  one('sth-root-short', { sth: { ...pair.sth, root: pair.sth.root.slice(2) } })
  one('sth-size-fraction', { sth: { ...pair.sth, size: 1.5 } })
  one('sth-unknown-member', { sth: { ...pair.sth, other: 1 } })
  return drafts
}

function dues(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  for (const [name, sct, received] of [
    ['old', 100, 1000],
    ['fresh', 1000, 1000],
    ['ahead', 1001, 1000],
    ['far-ahead', 10 ** 12, 1000],
    ['epoch', 0, 0],
    ['one-behind', 999, 1000],
  ] as const)
    for (const mmd of [0, 10, 86_400_000])
      drafts.push({
        function: 'dueAt',
        name: `${name}-mmd-${mmd}`,
        input: { sctTimestamp: sct, mmd, receivedAt: received },
        must: value({ dueAt: Math.min(sct, received) + mmd }),
        reqs: ['WIRE-012.1'],
        comment: `SCT of ${sct}, received at ${received}, MMD ${mmd}`,
      })
  const sthAt = (at: number, size: number) => ({
    logId,
    timestamp: at,
    size,
    root: hexOf(`${at} ${size}`),
    signature: '',
  })
  const [a, b, c, d] = [sthAt(100, 5), sthAt(110, 6), sthAt(110, 8), sthAt(120, 9)] as const
  const lists = {
    none: [],
    one: [a],
    ordered: [a, b, c, d],
    reversed: [d, c, b, a],
    mixed: [c, a, d, b],
    'equal-times': [c, b],
  }
  for (const [name, sths] of Object.entries(lists)) {
    const sorted = [a, b, c, d].filter((sth) => (sths as readonly object[]).includes(sth))
    const last = sorted.at(-1)
    drafts.push({
      function: 'latestSth',
      name,
      input: { sths },
      must: value(last === undefined ? {} : { sth: last }),
      reqs: ['RELAY-003.2'],
      comment: `The latest by (timestamp, size) of ${sths.length}, ${name}`,
    })
    for (const leafIndex of [0, 1, 5, 6, 7, 8, 9, 100]) {
      const sth = sorted.find(({ timestamp: at, size }) => at >= 110 || size > leafIndex)
      drafts.push({
        function: 'firstDueSth',
        name: `${name}-index-${leafIndex}`,
        input: { sths, dueAt: 110, leafIndex },
        must: value(sth === undefined ? {} : { sth }),
        reqs: ['WIRE-012.3'],
        comment: `The earliest by (timestamp, size) of ${sths.length}, ${name}, due at 110 or larger than ${leafIndex}`,
      })
    }
    for (const dueAt of [0, 99, 100, 101, 109, 110, 111, 120, 121]) {
      const sth = sorted.find(({ timestamp: at }) => at >= dueAt)
      drafts.push({
        function: 'firstDueSth',
        name: `${name}-${dueAt}`,
        input: { sths, dueAt },
        must: value(sth === undefined ? {} : { sth }),
        reqs: ['WIRE-012.2', 'RELAY-003.1'],
        comment: `The earliest by (timestamp, size) of ${sths.length}, ${name}, with a timestamp of at least ${dueAt}`,
      })
    }
  }
  return drafts
}

function challenges(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const reqsOf = ['RELAY-004.1', 'WIRE-006.2']
  const add = (name: string, input: object, must: Must, operator?: string) =>
    drafts.push({
      function: 'judgeInclusion',
      name,
      input,
      must,
      reqs: reqsOf,
      comment: `A challenge: ${name}`,
      ...(operator === undefined ? {} : { operator }),
    })
  for (const [size, at] of [
    [1, 0],
    [7, 3],
    [8, 7],
    [100, 64],
  ] as const) {
    const { leafId, sth, proof } = pairOf(size, at)
    const asked = { leafId, sctTimestamp: timestamp - 1, sth }
    const answer = { kind: 'ok', value: proof }
    add(`proven-${at}-of-${size}`, { ...asked, answer }, value({ outcome: 'proven', proof }))
    add(
      `same-instant-${at}-of-${size}`,
      { ...asked, sctTimestamp: timestamp, answer },
      value({ outcome: 'proven', proof }),
    )
    add(
      `backdated-${at}-of-${size}`,
      { ...asked, sctTimestamp: timestamp + 1, answer },
      value({ outcome: 'contradiction', proof }),
      'timestamp-plus-1',
    )
    const wrong = (operator: string, changed: object) =>
      add(`${operator}-${at}-of-${size}`, { ...asked, answer, ...changed }, value({ outcome: 'badProof' }), operator)
    wrong('index-at-size', { answer: { kind: 'ok', value: { ...proof, leafIndex: size } } })
    wrong('repeat-path-element', { answer: { kind: 'ok', value: { ...proof, path: [...proof.path, sth.root] } } })
    wrong('other-leaf', { leafId: `${logId}:${hexOf('other')}` })
    wrong('other-log', { leafId: `${hexOf('log')}${leafId.slice(64)}` })
    wrong('root-flip-bit', { sth: { ...sth, root: flipped(sth.root) } })
    wrong('size-0', { sth: { ...sth, size: 0 } })
    if (proof.path.length > 0)
      wrong('drop-path-element', { answer: { kind: 'ok', value: { ...proof, path: proof.path.slice(1) } } })
    add(
      `unreachable-${at}-of-${size}`,
      { ...asked, answer: { kind: 'unreachable' } },
      value({ outcome: 'unreachable' }),
    )
    const placed = { ...asked, leafIndex: at }
    const taken = { ...placed, leafId: `${logId}:${hexOf('other')}` }
    const there = { kind: 'ok', value: { ...proof, leafHash: leafId.slice(65) } }
    add(`in-its-place-${at}-of-${size}`, { ...placed, answer: there }, value({ outcome: 'proven', proof }))
    add(
      `substituted-${at}-of-${size}`,
      { ...taken, answer: there },
      value({ outcome: 'contradiction', proof, leafHash: leafId.slice(65) }),
    )
    const odd = (name: string, input: object) => add(`${name}-${at}-of-${size}`, input, value({ outcome: 'badProof' }))
    odd('substituted-without-a-promise', { ...asked, leafId: taken.leafId, answer: there })
    odd('substituted-elsewhere', { ...taken, leafIndex: at + 1, answer: there })
    odd('substituted-by-nothing', { ...taken, answer: { kind: 'ok', value: { ...proof, leafHash: hexOf('third') } } })
    odd('substituted-unsaid', { ...taken, answer })
    odd('proven-elsewhere', { ...placed, leafIndex: at + 1, answer })
    odd('substituted-in-another-log', { ...taken, leafId: `${hexOf('log')}:${hexOf('other')}`, answer: there })
    add(`malformed-${at}-of-${size}`, { ...asked, answer: { kind: 'malformed' } }, value({ outcome: 'badProof' }))
    for (const status of [400, 404])
      add(
        `refused-${status}-${at}-of-${size}`,
        { ...asked, answer: { kind: 'refused', status } },
        value({ outcome: 'refused' }),
      )
  }
  return drafts
}

function pairs(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const pair = pairOf(7, 3)
  const { signature: _, ...head } = pair.sth
  const own = { ...head, signature: '' }
  const add = (name: string, given: object, ownSths: readonly object[], valid: boolean, operator?: string) =>
    drafts.push({
      function: 'verifyPair',
      name,
      input: { pair: given, ownSths },
      must: value({ valid }),
      reqs: ['RELAY-007.1', 'INV-003.1'],
      comment: `A pair from a peer: ${name}`,
      ...(operator === undefined ? {} : { operator }),
    })
  const other = pairOf(8, 7)
  add('own-head', pair, [pair.sth], true)
  add('own-head-otherwise-signed', pair, [own], true)
  add('one-of-several', pair, [other.sth, pair.sth], true)
  add('signature-not-looked-at', { ...pair, sth: own }, [pair.sth], true)
  const wrong = (operator: string, given: object, ownSths: readonly object[] = [pair.sth]) =>
    add(operator, given, ownSths, false, operator)
  wrong('no-own-heads', pair, [])
  wrong('other-own-head', pair, [other.sth])
  wrong('own-timestamp+1', pair, [{ ...own, timestamp: timestamp + 1 }])
  wrong('own-size+1', pair, [{ ...own, size: 8 }])
  wrong('own-root-flip-bit', pair, [{ ...own, root: flipped(own.root) }])
  wrong('own-of-other-log', pair, [{ ...own, logId: hexOf('log') }])
  wrong('other-leaf', { ...pair, leafId: other.leafId })
  wrong('leaf-of-other-log', { ...pair, leafId: `${hexOf('log')}${pair.leafId.slice(64)}` })
  wrong('index+1', { ...pair, proof: { ...pair.proof, leafIndex: 4 } })
  wrong('index-at-size', { ...pair, proof: { ...pair.proof, leafIndex: 7 } })
  wrong('drop-path-element', { ...pair, proof: { ...pair.proof, path: pair.proof.path.slice(1) } })
  wrong('repeat-path-element', { ...pair, proof: { ...pair.proof, path: [...pair.proof.path, pair.sth.root] } })
  wrong('swap-order', { ...pair, proof: { ...pair.proof, path: pair.proof.path.toReversed() } })
  wrong('own-tree-of-peer', { ...pair, sth: other.sth, proof: other.proof, leafId: other.leafId })
  return drafts
}

export const proofDrafts = (): readonly DraftL0[] => [
  ...inclusions(),
  ...consistencies(),
  ...treeHeads(),
  ...proofSets(),
  ...dues(),
  ...challenges(),
  ...pairs(),
]
