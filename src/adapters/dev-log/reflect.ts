// Test equipment, not for operators: the three functions of the Reflect metadata proposal that @peculiar/x509's dependency
// container asks for at load time. Invariant: an implementation that is already there is left alone.

type Metadata = Map<unknown, unknown>
const known = new WeakMap<object, Metadata>()

const own = (key: unknown, target: object): unknown => known.get(target)?.get(key)

const missing = {
  getOwnMetadata: own,
  getMetadata(key: unknown, target: object): unknown {
    for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
      if (known.get(at)?.has(key)) return own(key, at)
    }
    return undefined
  },
  defineMetadata(key: unknown, value: unknown, target: object): void {
    known.set(target, (known.get(target) ?? new Map()).set(key, value))
  },
}

for (const [name, value] of Object.entries(missing)) {
  if (!(name in Reflect)) Object.defineProperty(Reflect, name, { value, configurable: true, writable: true })
}
