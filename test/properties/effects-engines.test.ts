// What the engines do at their own edges, beside the rounds: offers, a full mailbox, the end.
import { expect, test } from 'vitest'
import { effectErrors } from '../../src/effects/errors.ts'
import { mailbox } from '../../src/effects/mailbox.ts'
import { initialRelay } from '../../src/machines/relay/initial.ts'
import { relayMachine } from '../../src/machines/relay/machine.ts'
import type { RelayContext, RelayEffect, RelayEvent } from '../../src/machines/relay/types.ts'
import { encodeOnionAddress } from '../../src/machines/tor/onion-address.ts'
import { auditorHarness } from './fakes/auditor-ports.ts'
import { settled } from './fakes/clock.ts'
import { hour, minute } from './fakes/ct-world.ts'
import { relayHarness, waitMs } from './fakes/relay-ports.ts'

const onion = (n: number) => encodeOnionAddress(new Uint8Array(32).fill(n))
const addresses = (relay: ReturnType<typeof relayHarness>) =>
  relay.engine.state().context.addresses.map(({ address }) => address)

test('an offered address is kept once; one that is none is not, and an own one need not be [RELAY-112]', async () => {
  const relay = relayHarness()
  await relay.clock.advance(waitMs + minute)
  const [own] = relay.published
  expect([onion(1), onion(1), 'no.onion', String(own)].map((address) => relay.engine.offerAddress(address))).toEqual([
    true,
    true,
    false,
    true,
  ])
  expect(addresses(relay)).toEqual([onion(1)])
})

test('an event that the mailbox has no room for is dropped, and told by its type [RELAY-026]', async () => {
  let nested = 0
  const relay = relayHarness({
    parts: {
      limits: { mailbox: 1 },
      journal({ type }) {
        if (type !== 'address' || nested++ > 0) return
        for (const n of [2, 3]) relay.engine.offerAddress(onion(n))
      },
    },
  })
  await settled()
  relay.engine.offerAddress(onion(1))
  expect(addresses(relay)).toEqual([onion(1), onion(2)])
  const told = relay.kept.lines.filter((line) => line.includes('mailboxFull'))
  expect(told).toEqual([`error ${effectErrors.mailboxFull} {"event":"address","code":"mailboxFull"}`])
})

test('after its end a relay keeps nothing more, and what it waited for is called off [RELAY-021]', async () => {
  const signals: AbortSignal[] = []
  const consensus = {
    newer: (_: number | null, signal: AbortSignal) => {
      signals.push(signal)
      return new Promise<never>(() => {})
    },
  }
  const relay = relayHarness({ parts: { consensus } })
  await settled()
  expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  await relay.engine.stop()
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  expect(relay.engine.offerAddress(onion(1))).toBe(false)
  expect([addresses(relay), relay.clock.pending]).toEqual([[], 0])
})

test('an auditor that was given nothing to submit sings no canary [AUD-026]', async () => {
  const auditor = auditorHarness()
  await auditor.clock.advance(3 * hour)
  expect(auditor.kept.total('auditor_canary_total')).toBe(0)
  expect(auditor.kept.total('defects_total')).toBe(0)
  await auditor.engine.stop()
})

test('a mailbox does without a journal, and a handler that throws is a defect of its own kind', () => {
  const relay = relayHarness()
  const defects: string[] = []
  const box = mailbox<RelayContext, RelayEvent, RelayEffect>({
    machine: relayMachine,
    initial: initialRelay(relay.config),
    perform: () => {},
    capacity: 9,
    defect: (code) => defects.push(code),
  })
  const offer = { type: 'address', at: 1, address: onion(1), draw: [0] } as const
  expect(box.dispatch(offer, () => {})).toBe('taken')
  expect(defects).toEqual([])
  box.dispatch(offer, () => {
    throw new Error('a handler')
  })
  expect(defects).toEqual(['handlerFailed'])
})
