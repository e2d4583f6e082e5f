// Every machine of the project, read as a table: nothing hidden, nothing unlisted, nothing without its requirements.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { AnyStateNode } from 'xstate'
import { circuitMachine } from '../../src/machines/auditor/circuit.ts'
import { logViewMachine } from '../../src/machines/auditor/log-view.ts'
import { reportMachine } from '../../src/machines/auditor/report.ts'
import { roundMachine } from '../../src/machines/auditor/round.ts'
import { sfoMachine } from '../../src/machines/auditor/sfo.ts'
import {
  circuitReasons,
  logViewReasons,
  reportReasons,
  roundReasons,
  sfoReasons,
} from '../../src/machines/auditor/types.ts'
import { mermaid } from '../../src/machines/kernel/diagram.ts'
import { leavesOf, tableOf } from '../../src/machines/kernel/structure.ts'
import { relayMachine } from '../../src/machines/relay/machine.ts'
import { relayReasons } from '../../src/machines/relay/types.ts'

const machines = [
  [relayMachine, relayReasons],
  [sfoMachine, sfoReasons],
  [roundMachine, roundReasons],
  [circuitMachine, circuitReasons],
  [logViewMachine, logViewReasons],
  [reportMachine, reportReasons],
] as const

/** What a state may consist of: no after, always, invoke, entry, exit, spawn; history and parallel states neither. */
const allowed = new Set(['id', 'initial', 'states', 'on', 'meta', 'description', 'schemas'])
const specified = new Set(
  ['relay', 'auditor', 'consensus', 'evidence', 'wire'].flatMap((name) =>
    Array.from(
      readFileSync(new URL(`../../spec/${name}.md`, import.meta.url), 'utf8').matchAll(/\*\*([A-Z]+-\d+)/g),
      ([, id]) => id,
    ),
  ),
)

describe.each(machines.map(([machine, reasons]) => ({ id: machine.id, machine, reasons })))(
  '$id',
  ({ machine, reasons }) => {
    const table = tableOf(machine)
    const implementations = machine.logic.implementations

    test('has no timers, actors, raised or eventless transitions: what it wants from the world leaves as effects', () => {
      for (const node of nodesOf(machine.logic.root)) {
        expect(
          Object.keys(node.config).filter((key) => !allowed.has(key)),
          node.id,
        ).toEqual([])
        expect(JSON.stringify(node.definition), node.id).not.toMatch(/xstate\.(after|raise|spawn|done|invoke|sendTo)/)
        expect(
          [...node.transitions.keys()].filter((event) => !(machine.events as readonly string[]).includes(event)),
          node.id,
        ).toEqual([])
      }
    })

    test('lists every event in every state, and the last transition of each is taken without condition', () => {
      for (const leaf of leavesOf(machine.logic.root))
        for (const event of machine.events) {
          const rows = table.filter((row) => row.state === leaf.path.join('.') && row.event === event)
          expect(rows.at(-1)?.guard, `${leaf.id} ${event}`).toBeNull()
          expect(
            rows.map(({ guard }) => guard),
            `${leaf.id} ${event}`,
          ).toHaveLength(new Set(rows.map(({ guard }) => guard)).size)
        }
    })

    test('has one action a transition, and guards and actions are named and implemented', () => {
      for (const node of nodesOf(machine.logic.root))
        for (const transition of [...node.transitions.values()].flat()) {
          expect(transition.actions, `${node.id} ${transition.eventType}`).toHaveLength(1)
          expect(['string', 'undefined'], `${node.id} ${transition.eventType}`).toContain(typeof transition.guard)
          expect(transition.reenter).toBe(false)
          expect(transition.target?.length ?? 1).toBe(1)
        }
      for (const { guard, action } of table) {
        if (guard !== null) expect(implementations.guards).toHaveProperty([guard])
        expect(implementations.actions).toHaveProperty([action])
      }
    })

    test('uses every guard and action that it names', () => {
      const guards = new Set(table.map(({ guard }) => guard))
      const actions = new Set(table.map(({ action }) => action))
      const markers = ['took', 'effect', 'ignore', 'reject']
      expect(Object.keys(implementations.guards).filter((name) => !guards.has(name))).toEqual([])
      expect(
        Object.keys(implementations.actions).filter((name) => !actions.has(name) && !markers.includes(name)),
      ).toEqual([])
    })

    test('ties every transition to requirements that the specification has', () => {
      for (const { state, event, req } of table) {
        expect(req.length, `${state} ${event}`).toBeGreaterThan(0)
        expect(
          req.filter((id) => !specified.has(id)),
          `${state} ${event}`,
        ).toEqual([])
      }
    })

    test('ignores and rejects for reasons of its closed set', () => {
      for (const { state, event, action, reason } of table) {
        expect(reason !== null, `${state} ${event}`).toBe(action === 'ignore' || action === 'reject')
        if (reason !== null) expect(reasons).toContain(reason)
      }
    })

    test('can leave its first state, reaches every state, and draws itself', () => {
      const first = leavesOf(machine.logic.root)[0]?.path.join('.')
      const reached = new Set([first])
      for (let before = 0; before < reached.size; ) {
        before = reached.size
        for (const { state, target } of table) if (target !== null && reached.has(state)) reached.add(target)
      }
      expect(
        leavesOf(machine.logic.root)
          .map(({ path }) => path.join('.'))
          .filter((path) => !reached.has(path)),
      ).toEqual([])
      expect(mermaid(machine)).toMatch(/^stateDiagram-v2\n(?: {2}.*\n)+$/)
    })
  },
)

function nodesOf(node: AnyStateNode): readonly AnyStateNode[] {
  return [node, ...(Object.values(node.states) as AnyStateNode[]).flatMap(nodesOf)]
}
