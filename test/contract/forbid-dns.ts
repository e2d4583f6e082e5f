// From now on nobody in this process may ask for a name: whoever does fails, and is noted. Invariant: every function of node's resolver that
// can send a query is covered, by its name; an address is no name, and asking for one sends nothing.
import dns from 'node:dns'
import { isIP } from 'node:net'
import { vi } from 'vitest'

export interface ForbiddenDns {
  /** Names that were asked for. */
  made(): readonly string[]
  allow(): void
}

type Resolver = Record<string, (...given: unknown[]) => unknown>

export function forbidDns(): ForbiddenDns {
  const made: string[] = []
  const spies = [dns, dns.promises].flatMap((module) => {
    const resolver = module as unknown as Resolver
    const names = Object.keys(resolver).filter((name) => /^(lookup|resolve|reverse)/.test(name))
    return names.map((name) => {
      const original = resolver[name] as Resolver[string]
      return vi.spyOn(resolver, name).mockImplementation((...given) => {
        const [asked] = given
        if (name === 'lookup' && isIP(String(asked)) !== 0) return Reflect.apply(original, module, given)
        made.push(String(asked))
        throw new Error(`a DNS query: ${name} ${String(asked)}`)
      })
    })
  })
  return {
    made: () => made,
    allow: () => {
      for (const spy of spies) spy.mockRestore()
    },
  }
}
