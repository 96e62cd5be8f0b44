export interface Closing {
  /** Remembers how to close what has just been opened, and gives it back. */
  add<Thing>(thing: Thing, close: (thing: Thing) => Promise<void> | void): Thing
  /** Closes everything, the last opened first. Throws the first error when all is closed. */
  close(): Promise<void>
}

/** What is open, in the order in which it was opened. */
export const createClosing = (): Closing => {
  const closers: (() => Promise<void> | void)[] = []
  return {
    add: (thing, close) => {
      closers.push(() => close(thing))
      return thing
    },
    close: async () => {
      const errors: unknown[] = []
      for (const close of closers.splice(0).toReversed()) {
        try {
          await close()
        } catch (error) {
          errors.push(error)
        }
      }
      if (errors.length > 0) throw errors[0]
    },
  }
}
