// One global seed for every property; printed by fast-check with each failure, and set by CTOR_SEED to replay one.
import fc from 'fast-check'

const given = process.env.CTOR_SEED
const seed = given === undefined ? Date.now() & 0x7fffffff : Number(given)
if (!Number.isInteger(seed)) throw new Error(`CTOR_SEED: an integer is wanted, given ${given}`)
fc.configureGlobal({ seed })
