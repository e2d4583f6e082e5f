// What the explorer explores: every machine in its finite worlds, the relay under both profiles and with each parameter flipped.
// Invariant: `models` is what continuous integration explores; `flips` and `large` take longer.

import type { AnyModel } from '../../machines/kernel/explore.ts'
import { hardenedPolicy, type ProfileName, seedPolicy } from '../../machines/relay/profiles.ts'
import type { Policy } from '../../machines/relay/types.ts'
import { circuitModel, logViewModels, reportModel, roundModel, sfoModel } from './worlds/auditor/minimal.ts'
import { type RelayModel, relayModel } from './worlds/relay/minimal.ts'
import { largeScenes, type Scene, scenes } from './worlds/relay/minimal-scene.ts'

export const profileNames = ['seed', 'hardened'] as const satisfies readonly ProfileName[]

export function relayModels(profile: ProfileName): readonly RelayModel[] {
  return Object.values(scenes).map((scene) => relayModel(scene, profile))
}

export const auditorModels: readonly AnyModel[] = [sfoModel, roundModel, circuitModel, ...logViewModels, reportModel]

/** The profile with one parameter of the other one. */
export function flips(profile: ProfileName, scene: Scene = scenes.hops): readonly RelayModel[] {
  const other: Policy = profile === 'seed' ? hardenedPolicy : seedPolicy
  const both = { ...other, order: 'forward-first' } as const
  return (Object.keys(other) as (keyof Policy)[]).map((name) => relayModel(scene, profile, { [name]: both[name] }))
}

export function largeModels(profile: ProfileName): readonly RelayModel[] {
  return [...Object.values(largeScenes).map((scene) => relayModel(scene, profile)), ...flips(profile, scenes.variants)]
}
