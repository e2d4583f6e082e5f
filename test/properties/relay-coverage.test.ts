// That the walks of the other properties go everywhere: every listed transition is taken, every end of an SFO occurs.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { State } from '../../src/machines/kernel/machine.ts'
import { type Row, tableOf } from '../../src/machines/kernel/structure.ts'
import { relayMachine } from '../../src/machines/relay/machine.ts'
import { dropReasons, type RelayContext, type RelayEvent, relayReasons } from '../../src/machines/relay/types.ts'
import { commands, configs } from './arbitraries/relay.ts'
import { walk } from './oracles/relay-environment.ts'

const table = tableOf(relayMachine)
const candidates = Map.groupBy(table, ({ state, event }) => `${state} ${event}`)
const guards = relayMachine.logic.implementations.guards as Readonly<Record<string, (args: object) => boolean>>

test('random walks take every transition that the machine lists, and meet every end of an SFO and every reason', () => {
  const taken = new Set<Row>()
  const reasons = new Set<string>()
  const ends = new Set<string>()
  fc.assert(
    fc.property(configs, commands, (config, script) => {
      const { state } = walk(config, script, ({ before, event, step }) => {
        const row = rowOf(before, event)
        taken.add(row)
        reasons.add(step.reason ?? '')
        if (pathOf(step.state) !== (row.target ?? row.state)) expect.fail(`${row.state} ${row.event} goes elsewhere`)
      })
      const { dropped, ...others } = state.context.counters
      for (const [end, count] of [...Object.entries(others), ...Object.entries(dropped)]) if (count > 0) ends.add(end)
    }),
    { numRuns: 1000, seed: 1 },
  )
  expect(table.filter((row) => !taken.has(row)).map(({ state, event, guard }) => `${state} ${event} ${guard}`)).toEqual(
    [],
  )
  expect(
    ['received', 'proven', 'forwarded', 'reported', 'expired', ...dropReasons].filter((end) => !ends.has(end)),
  ).toEqual([])
  const settledLater = ['evicted', 'forwardFailed', 'forwardedBefore', 'reportFailed', 'reportQueueFull', 'noAuditor']
  expect(relayReasons.filter((reason) => !reasons.has(reason) && !settledLater.includes(reason))).toEqual([])
})

function rowOf(state: State<RelayContext>, event: RelayEvent): Row {
  const rows = candidates.get(`${pathOf(state)} ${event.type}`) ?? []
  return rows.find(({ guard }) => guard === null || guards[guard]?.({ context: state.context, event })) as Row
}

function pathOf({ value }: State<unknown>): string {
  return typeof value === 'string' ? value : `active.${value.active}`
}
