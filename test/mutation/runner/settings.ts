// fast-check's settings while mutants are tested: one fixed seed, so that a score is reproducible, and no shrinking, since the
// first counterexample decides.
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env.CTOR_SEED ?? 1), endOnFailure: true })
