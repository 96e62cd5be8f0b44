const codes = { SIGINT: 130, SIGTERM: 143 } as const

export interface SignalOptions {
  readonly close: () => Promise<void>
  readonly exit: (code: number) => void
  /** Is told of what happens, in words for the terminal. */
  readonly say: (words: string) => void
}

/** The first signal lets what is under way end, the second one does not. Gives back how to stop listening for them. */
export const onSignals = ({ close, exit, say }: SignalOptions): (() => void) => {
  let closing = false
  const stop = (signal: keyof typeof codes): void => {
    if (closing) {
      exit(codes[signal])
      return
    }
    closing = true
    say("Shutting down: requests under way are served first. Once more ends at once.")
    close().then(
      () => exit(0),
      (thrown: unknown) => {
        say(
          `The shutdown failed: ${thrown instanceof Error ? thrown.message : "for an unknown reason"}`,
        )
        exit(1)
      },
    )
  }
  process.on("SIGINT", stop).on("SIGTERM", stop)
  return () => void process.off("SIGINT", stop).off("SIGTERM", stop)
}
