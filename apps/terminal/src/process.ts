/**
 * Aborts at the first Ctrl-C, so that calls in progress are cancelled and their charge is printed.
 * The second one ends the process with the exit code.
 */
export const interruptSignal = (exitCode: number): AbortSignal => {
  const controller = new AbortController()
  process.on("SIGINT", () => {
    if (controller.signal.aborted) process.exit(exitCode)
    process.stderr.write("\nStopping…\n")
    controller.abort()
  })
  return controller.signal
}

/** Lets a command go on whose reader, such as `head`, has closed the pipe. */
export const allowClosedPipe = (): void => {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error
  })
}
