/** Memory that is used again, so that V8's collector does not run for every few replies and their pages are there already. */
export interface Memory {
  /** At least so many bytes. What somebody left in it is still there. */
  take(bytes: number): ArrayBuffer
  /** Takes a buffer from all who have views on it, which are empty from then on, and keeps it for the next. */
  put(buffer: ArrayBuffer): void
}

export interface MemoryOptions {
  /** What may lie unused; more is freed. */
  readonly idleBytes: number
  /** Once so long nobody has given anything back, all that lies unused is freed. */
  readonly idleMs: number
  /** For what is not there to be used again. */
  readonly allocate: (bytes: number) => ArrayBuffer
}

const grainBytes = 65_536
/** A buffer is not spent on something that would fill less than half of it. */
const looseness = 2

/** Frees memory at once. */
export const free = (buffer: ArrayBuffer): void => void buffer.transfer(0)

export const createMemory = ({ idleBytes, idleMs, allocate }: MemoryOptions): Memory => {
  /** The smallest first. */
  let idle: ArrayBuffer[] = []
  let unused = 0
  let timer: NodeJS.Timeout | undefined
  const empty = (): void => {
    timer = undefined
    for (const buffer of idle) free(buffer)
    idle = []
    unused = 0
  }
  return {
    take: (bytes) => {
      const size = Math.ceil(bytes / grainBytes) * grainBytes
      const index = idle.findIndex(({ byteLength }) => byteLength >= size)
      const found = idle[index]
      if (!found || found.byteLength > size * looseness) return allocate(size)
      idle.splice(index, 1)
      unused -= found.byteLength
      return found
    },
    put: (buffer) => {
      if (unused + buffer.byteLength > idleBytes) return free(buffer)
      const own = buffer.transfer()
      const larger = idle.findIndex(({ byteLength }) => byteLength > own.byteLength)
      idle.splice(larger === -1 ? idle.length : larger, 0, own)
      unused += own.byteLength
      timer = timer?.refresh() ?? setTimeout(empty, idleMs).unref()
    },
  }
}
