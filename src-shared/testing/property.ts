// The one door to fast-check: every property test has the same seed, so that the same tests pass or fail on every machine.
// `npm run fuzz` gives fresh seeds by TWINSLOT_SEED; a seed that found something is kept in kept-seeds.json and run by `npm test`.
import fc from 'fast-check'

const DEFAULT_SEED = 20261130

/** The seed of this run, a whole number: also for tests that make their inputs by hand (`seededRandom`, `seededBytes`). */
export const SEED = Number(process.env.TWINSLOT_SEED ?? DEFAULT_SEED)
if (!Number.isInteger(SEED)) throw new RangeError(`TWINSLOT_SEED is ${process.env.TWINSLOT_SEED}, not a whole number`)

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED })

export default fc
