type OnDemand = typeof import("../on-demand.ts")

let loading: Promise<OnDemand> | undefined

/** What a plain request does without. Asking Node for a module that is there takes 5 µs, and a server asks three times a request. */
export const onDemand = (): Promise<OnDemand> => {
  loading ??= import("../on-demand.ts").catch((error: unknown) => {
    // A page may be offline for a moment.
    loading = undefined
    throw error
  })
  return loading
}
