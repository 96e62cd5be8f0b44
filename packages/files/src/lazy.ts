/** Runs `open` at the first call, and again if it failed. `opened` never starts it. */
export const lazy = <Out>(open: () => Promise<Out>) => {
  let running: Promise<Out> | undefined
  const get = (): Promise<Out> => {
    running ??= open().catch((error: unknown) => {
      running = undefined
      throw error
    })
    return running
  }
  return { get, opened: (): Promise<Out> | undefined => running }
}
