import type { Clock } from "@pictor/emulator-kit"

type StoredFile = { readonly bytes: Uint8Array; readonly expires: number }

/** The oldest file goes when there are more. */
const maxFiles = 100

/** Pictures behind URLs, each until its time is over. */
export type FileStore = {
  readonly add: (id: string, bytes: Uint8Array) => void
  /** "expired" for a picture that was here. */
  readonly get: (id: string) => Uint8Array | "expired" | undefined
}

export const createFileStore = (clock: Clock, lifetimeMs: number): FileStore => {
  const files = new Map<string, StoredFile>()
  return {
    add: (id, bytes) => {
      files.set(id, { bytes, expires: clock.now() + lifetimeMs })
      const [oldest] = files.keys()
      if (files.size > maxFiles && oldest !== undefined) files.delete(oldest)
    },
    get: (id) => {
      const file = files.get(id)
      if (file === undefined) return undefined
      return clock.now() < file.expires ? file.bytes : "expired"
    },
  }
}
