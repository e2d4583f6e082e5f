// Each policy parameter is independent of the others: both profiles with one parameter of the other one, explored to the end.
import { describe, expect, test } from 'vitest'
import { flips, profileNames } from '../../src/adapters/conform/explore-models.ts'
import { profiles } from '../../src/machines/relay/profiles.ts'
import { expectSound } from './expect-sound.ts'

describe.each(profileNames)('%s', (profile) => {
  const models = flips(profile)

  test('there is one for each of the eight parameters, and none is the profile itself [RELAY-120.1]', () => {
    expect(models.map(({ id }) => id)).toHaveLength(Object.keys(profiles[profile]).length)
    const policies = models.map(({ roots }) => JSON.stringify(roots[0]?.state.context.config.policy))
    expect(new Set([...policies, JSON.stringify(profiles[profile])]).size).toBe(9)
  })

  test.each(models.map((model) => ({ id: model.id, model })))(
    '$id: nothing wrong in any state [RELAY-120.1]',
    ({ model }) => {
      expectSound(model, 2000)
    },
  )
})
