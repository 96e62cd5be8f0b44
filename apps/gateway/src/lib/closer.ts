type Close<Thing> = (thing: Thing) => Promise<void> | void

export interface Closer {
  /** Registers how to close the thing and returns it. */
  add<Thing>(thing: Thing, close: Close<Thing>): Thing
  /** Closes everything, last opened first. Throws the first error after all are closed. */
  close(): Promise<void>
}

export const createCloser = (): Closer => {
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
