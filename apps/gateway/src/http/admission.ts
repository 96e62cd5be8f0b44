/** The share of one request in the admission limits. */
export interface Ticket {
  /** Counts bytes of the request; false, and not counted, if the limit is reached. */
  reserve(bytes: number): boolean
  /** Counts bytes of a provider's reply. They are paid for and never rejected. */
  addReply(bytes: number): void
  /** Counts bytes of the answer beyond those of the replies, most of which are the same memory. */
  addAnswer(bytes: number): void
  /** Returns everything; has no effect the second time. */
  release(): void
}

export interface Admission {
  /** Undefined if a limit is reached. */
  enter(): Ticket | undefined
  readonly requests: () => number
  readonly bytes: () => number
  /** Resolves when no request is in flight. */
  idle(): Promise<void>
}

export interface AdmissionLimits {
  readonly maxRequests: number
  readonly maxBytes: number
}

/** Limits the number of requests in flight and the bytes that they hold together. */
export const createAdmission = ({ maxRequests, maxBytes }: AdmissionLimits): Admission => {
  let requests = 0
  let bytes = 0
  let waiting: (() => void)[] = []
  const enter = (): Ticket | undefined => {
    if (requests >= maxRequests || bytes >= maxBytes) return undefined
    requests += 1
    let held = 0
    let released = false
    let replyBytes = 0
    const add = (more: number): void => {
      if (released) return
      held += more
      bytes += more
    }
    return {
      reserve: (more) => {
        if (bytes + more > maxBytes) return false
        add(more)
        return true
      },
      addReply: (more) => {
        replyBytes += more
        add(more)
      },
      addAnswer: (more) => {
        add(Math.max(0, more - replyBytes))
        replyBytes = Math.max(0, replyBytes - more)
      },
      release: () => {
        if (released) return
        released = true
        requests -= 1
        bytes -= held
        if (requests > 0) return
        for (const resolve of waiting) resolve()
        waiting = []
      },
    }
  }
  const idle = (): Promise<void> =>
    new Promise((resolve) => {
      if (requests === 0) resolve()
      else waiting.push(resolve)
    })
  return { enter, requests: () => requests, bytes: () => bytes, idle }
}
