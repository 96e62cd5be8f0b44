/** A generator of pseudorandom numbers below 1. */
export const seeded = (seed: number) => {
  let state = seed
  return () => {
    state = (state * 16_807) % 2_147_483_647
    return state / 2_147_483_647
  }
}
