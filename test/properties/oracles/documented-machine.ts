// A machine of ours with its actions written as xstate documents it: `enqueueActions` with `enqueue.assign`, nothing of ours.
import { type AnyStateMachine, enqueueActions } from 'xstate'
import type { AnyMachine } from '../../../src/machines/kernel/machine.ts'
import type { Turn } from '../../../src/machines/kernel/snapshot.ts'

interface OurAction {
  readonly take?: (context: unknown, event: unknown) => Turn
}

interface Enqueue {
  assign(changed: () => object): void
  (action: { type: string; params?: unknown }): void
}

export function documented(machine: AnyMachine): AnyStateMachine {
  const ours = machine.logic.implementations.actions as Readonly<Record<string, OurAction>>
  const actions = Object.entries(ours).flatMap(([name, { take }]) =>
    take === undefined ? [] : [[name, plain(take)] as const],
  )
  return machine.logic.provide({ actions: Object.fromEntries(actions) as never })
}

function plain(take: NonNullable<OurAction['take']>) {
  return enqueueActions(({ context, event, enqueue }) => {
    const { context: changed, markers } = take(context, event)
    const queue = enqueue as unknown as Enqueue
    if (changed !== undefined) queue.assign(() => changed)
    for (const marker of markers) queue(marker)
  })
}
