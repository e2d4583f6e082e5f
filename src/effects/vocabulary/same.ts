// A compile-time comparison of a schema's output with the machine's type. Invariant: `Same<A, B>` is `true` exactly where both
// have the same members at every depth, whatever way they are written (intersections, interfaces, mapped types).

type Flat<T> = T extends readonly (infer U)[]
  ? readonly Flat<U>[]
  : T extends object
    ? { readonly [K in keyof T]: Flat<T[K]> }
    : T

type Identical<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

export type Same<A, B> = Identical<Flat<A>, Flat<B>>

/** Does not compile for anything else: `Holds<Same<A, B>>` is an assertion. */
export type Holds<T extends true> = T
