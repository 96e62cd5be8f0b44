/** The time in milliseconds since 1970. */
export type Clock = { readonly now: () => number }

export const systemClock: Clock = { now: () => Date.now() }

/** A clock that stands still until it is advanced. */
export type ManualClock = Clock & { readonly advance: (milliseconds: number) => void }

export const manualClock = (start = 0): ManualClock => {
  let now = start
  return {
    now: () => now,
    advance: (milliseconds) => {
      now += milliseconds
    },
  }
}
