// The minimal worlds stand on the preset that vectors name.
import { expect, test } from 'vitest'
import { configOf } from '../../src/adapters/conform/configs.ts'
import { auditorModels } from '../../src/adapters/conform/explore-models.ts'
import { fromWire } from '../../src/adapters/conform/json.ts'
import { machines } from '../../src/adapters/conform/machines.ts'
import { minimalRelay } from '../../src/adapters/conform/worlds/relay/minimal.ts'
import type { Result } from '../../src/machines/ct/types.ts'
import { spell } from '../../src/machines/kernel/explore-vector.ts'
import { checkConfig, hardenedPolicy } from '../../src/machines/relay/profiles.ts'

test('the relay of the explorer is that of spec/presets/minimal.json, and its configuration is accepted [RELAY-009.2]', () => {
  expect(spell({ ...minimalRelay, policy: hardenedPolicy })).toEqual(configOf('minimal', 'relay', {}))
  expect(checkConfig({ ...minimalRelay, policy: hardenedPolicy }).ok).toBe(true)
})

test.each(auditorModels.map((model) => ({ id: model.id, model })))('$id begins as the preset does', ({ model }) => {
  const machine = machines[model.kind]
  if (machine === undefined) expect.fail(`no machine ${model.kind}`)
  for (const root of model.roots) {
    const wanted: unknown = configOf('minimal', model.kind, spell(root.config) as never)
    const config: Result<unknown> = fromWire(machine.config, wanted)
    if (!config.ok) expect.fail(config.detail)
    expect(spell(machine.initial(config.value as never))).toEqual(spell(root.state))
  }
})
