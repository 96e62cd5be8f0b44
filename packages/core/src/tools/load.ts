type OnDemand = typeof import("../on-demand.ts")

let loading: Promise<OnDemand> | undefined

/** What a plain request does without. Asking Node for a module that is there takes 30 µs, three times a request of a server. */
export const onDemand = (): Promise<OnDemand> => {
  loading ??= import("../on-demand.ts")
  return loading
}
