// All directed scenarios. Invariant: the order is fixed, so that IDs are.
import { auditorScenarios } from './auditor-scenarios.ts'
import { relayScenarios } from './relay-scenarios.ts'
import type { DraftL1 } from './trace-draft.ts'

export const scenarioDrafts = (): readonly DraftL1[] => [...relayScenarios(), ...auditorScenarios()]
