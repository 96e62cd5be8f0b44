/** One emulator for all its users. */
export interface SharedEmulator<Emulator> {
  /** Begins a use. The first one starts the emulator. */
  readonly use: () => Promise<Emulator>
  /** Ends a use. The last one closes the emulator. */
  readonly release: () => Promise<void>
}

export const shareEmulator = <Emulator extends { readonly close: () => Promise<void> }>(
  start: () => Promise<Emulator>,
): SharedEmulator<Emulator> => {
  let running: Promise<Emulator> | undefined
  let uses = 0
  const release = async (): Promise<void> => {
    uses -= 1
    if (uses > 0) return
    const emulator = running
    running = undefined
    await (await emulator)?.close()
  }
  return {
    use: async () => {
      uses += 1
      running ??= start()
      try {
        return await running
      } catch (error) {
        await release().catch(() => {})
        throw error
      }
    },
    release,
  }
}
