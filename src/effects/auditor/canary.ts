// The canary [AUD-026]: an auditor that nobody can reach sees nothing and would call it peace. Invariant: one at a time, each within
// its deadline, and a failure is loud.
import { withDeadline } from '../deadline.ts'
import type { AuditorWorld } from './world.ts'

export function startCanary(world: AuditorWorld, selfSubmit: (signal: AbortSignal) => Promise<boolean>): void {
  const { clock, limits, tools } = world

  async function sing() {
    const ended = await withDeadline(clock, world.signal, limits.canaryTimeoutMs, selfSubmit)
    if (ended.kind === 'aborted') return
    const heard = ended.kind === 'done' && ended.value
    tools.count('auditor_canary_total', { result: heard ? 'heard' : 'failed' })
    if (!heard) tools.error('canaryFailed')
    clock.after(limits.canaryMs, sing)
  }

  clock.after(limits.canaryMs, sing)
}
