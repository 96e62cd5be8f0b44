const codes = { SIGINT: 130, SIGTERM: 143 } as const

export interface SignalOptions {
  readonly close: () => Promise<void>
  readonly exit: (code: number) => void
  readonly printError: (text: string) => void
}

/** The first signal drains the gateway, the second one exits at once. Returns the removal. */
export const onSignals = ({ close, exit, printError }: SignalOptions): (() => void) => {
  let isClosing = false
  const stop = (signal: keyof typeof codes): void => {
    if (isClosing) {
      exit(codes[signal])
      return
    }
    isClosing = true
    printError("Shutting down after the current requests. A second signal exits at once.")
    close().then(
      () => exit(0),
      (error: unknown) => {
        printError(`Shutdown failed: ${error instanceof Error ? error.message : String(error)}`)
        exit(1)
      },
    )
  }
  process.on("SIGINT", stop).on("SIGTERM", stop)
  return () => void process.off("SIGINT", stop).off("SIGTERM", stop)
}
