// Mutants: a machine with one guard or one action replaced, to see whether the explorer notices [architecture, Conformance kit].
// Invariant: the machine that is mutated stays as it is.
import { type AnyMachine, act, type Change, type Effect } from './machine.ts'
import type { Marker, Turn } from './snapshot.ts'

type Loose = Change<Record<string, unknown>, Effect>

export interface Mutations<C, E> {
  readonly guards?: Readonly<Record<string, (holds: boolean, context: C, event: E) => boolean>>
  /** `change`: what the machine's own action answers. */
  readonly actions?: Readonly<Record<string, (change: Change<C, Effect>, context: C, event: E) => Change<C, Effect>>>
}

/** @throws RangeError where the machine has no guard or action of that name. */
export function mutant<M extends AnyMachine, C, E>(machine: M, mutations: Mutations<C, E>): M {
  const own = machine.logic.implementations as unknown as Implementations
  const guards = Object.entries(mutations.guards ?? {}).map(([name, mutate]) => {
    const guard = named(own.guards, name)
    return [name, (args: Args) => mutate(guard(args), args.context as C, args.event as E)]
  })
  const actions = Object.entries(mutations.actions ?? {}).map(([name, mutate]) => {
    const { take } = named(own.actions, name)
    const mutated = (context: unknown, event: unknown) =>
      mutate(changeOf(take(context, event)) as Change<C, Effect>, context as C, event as E)
    return [name, act(mutated as never)]
  })
  const replaced = { guards: Object.fromEntries(guards), actions: Object.fromEntries(actions) }
  return { ...machine, logic: machine.logic.provide(replaced as never) }
}

interface Args {
  readonly context: unknown
  readonly event: unknown
}

interface Implementations {
  readonly guards: Readonly<Record<string, (args: Args) => boolean>>
  readonly actions: Readonly<Record<string, { readonly take: (context: unknown, event: unknown) => Turn }>>
}

function named<T>(all: Readonly<Record<string, T>>, name: string): T {
  const found = all[name]
  if (found === undefined) throw new RangeError(`nothing to mutate: ${name}`)
  return found
}

function changeOf({ context, markers }: Turn): Loose {
  const effects = markers.flatMap(({ type, params }) => (type === 'effect' ? [params as Effect] : []))
  const [ignored, rejected] = [reasonOf(markers, 'ignore'), reasonOf(markers, 'reject')]
  return {
    ...(context === undefined ? {} : { context: context as Record<string, unknown> }),
    effects,
    ...(ignored === undefined ? {} : { ignored }),
    ...(rejected === undefined ? {} : { rejected }),
  }
}

function reasonOf(markers: readonly Marker[], type: string): string | undefined {
  return (markers.find((marker) => marker.type === type)?.params as { readonly reason: string } | undefined)?.reason
}
