import workers from "node:worker_threads"

/** A claimed content length above this allocates nothing in advance. No reply is that large. */
const maxTrustedLength = 64 * 1024 * 1024
/** Smaller replies hold no picture and are not worth reusing. */
const minReusedBytes = 16_384

export interface Collector {
  add(chunk: Uint8Array): void
  bytes(): Uint8Array
}

/**
 * Joins the chunks of a reply in one array. `length` is the announced length. The chunks must be
 * the socket's own buffers, which no other code reads: each is freed after it is copied.
 */
export const createCollector = (length: number | undefined): Collector => {
  const whole = allocate(length !== undefined && length <= maxTrustedLength ? length : 0)
  const beyond: Uint8Array[] = []
  let filled = 0
  let previous: ArrayBuffer | undefined
  // Without this the garbage collector runs a third more often for a reply of 3 MB. A buffer is
  // freed at the next one, because until then the connection may still read from it. Buffers of
  // Node's pool are shared and stay.
  const free = ({ buffer }: Uint8Array): void => {
    if (previous && previous !== buffer && !workers.isMarkedAsUntransferable(previous))
      detach(previous)
    previous = buffer instanceof ArrayBuffer ? buffer : undefined
  }
  return {
    add: (chunk) => {
      if (beyond.length > 0 || filled + chunk.length > whole.length) {
        beyond.push(chunk)
        return
      }
      whole.set(chunk, filled)
      filled += chunk.length
      free(chunk)
    },
    bytes: () => {
      const start = whole.subarray(0, filled)
      return beyond.length === 0 ? start : Buffer.concat([start, ...beyond])
    },
  }
}

/**
 * Returns the memory of replies for reuse, without waiting for the garbage collector. For servers,
 * whose collector would otherwise run for every few pictures. Only parts of replies that a
 * transport on this package's client read are returned; other parts are left alone. Every view of
 * such a reply is empty afterwards, including the other images of the same result, so call it when
 * the last byte is written.
 */
export const giveBack = (parts: Iterable<Uint8Array>): void => {
  for (const { buffer } of parts)
    if (buffer instanceof ArrayBuffer && reusable.delete(buffer)) memory.put(buffer)
}

const reusable = new WeakSet<ArrayBufferLike>()

/** Memory for one reply. It may contain bytes of an earlier one. */
const allocate = (length: number): Uint8Array<ArrayBuffer> => {
  if (length < minReusedBytes) return Buffer.allocUnsafeSlow(length)
  const buffer = memory.take(length)
  reusable.add(buffer)
  return Buffer.from(buffer, 0, length)
}

const detach = (buffer: ArrayBuffer): void => void buffer.transfer(0)

interface Memory {
  /** At least this many bytes, with what was last written to them. */
  take(bytes: number): ArrayBuffer
  /** Detaches a buffer from its views and keeps it for `take`. */
  put(buffer: ArrayBuffer): void
}

interface MemoryOptions {
  /** How much unused memory is kept. */
  readonly idleBytes: number
  /** Unused memory is freed when nothing was put back for this long. */
  readonly idleMs: number
  readonly allocate: (bytes: number) => ArrayBuffer
}

const grainBytes = 65_536
/** A buffer may be this many times as large as needed. */
const maxExcess = 2

export const createMemory = (options: MemoryOptions): Memory => {
  /** Sorted by size, smallest first. */
  let idle: ArrayBuffer[] = []
  let unused = 0
  let timer: NodeJS.Timeout | undefined
  const clear = (): void => {
    timer = undefined
    for (const buffer of idle) detach(buffer)
    idle = []
    unused = 0
  }
  return {
    take: (bytes) => {
      const size = Math.ceil(bytes / grainBytes) * grainBytes
      const index = idle.findIndex(({ byteLength }) => byteLength >= size)
      const found = idle[index]
      if (!found || found.byteLength > size * maxExcess) return options.allocate(size)
      idle.splice(index, 1)
      unused -= found.byteLength
      return found
    },
    put: (buffer) => {
      if (unused + buffer.byteLength > options.idleBytes) {
        detach(buffer)
        return
      }
      const own = buffer.transfer()
      const larger = idle.findIndex(({ byteLength }) => byteLength > own.byteLength)
      idle.splice(larger === -1 ? idle.length : larger, 0, own)
      unused += own.byteLength
      timer = timer?.refresh() ?? setTimeout(clear, options.idleMs).unref()
    },
  }
}

/** Holds about 64 large pictures. */
const memory = createMemory({
  idleBytes: 256 * 1024 * 1024,
  idleMs: 10_000,
  allocate: (bytes) => Buffer.allocUnsafeSlow(bytes).buffer,
})
