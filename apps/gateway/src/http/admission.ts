/** What one request holds of the server. */
export interface Ticket {
  /** May these bytes of the request be taken in too? They are counted if so. */
  take(bytes: number): boolean
  /** Counts bytes of providers' replies; they are paid for, so that they are never refused. */
  came(bytes: number): void
  /** Counts bytes of an answer beyond those that came: most are the same. */
  carry(bytes: number): void
  /** Gives everything back; the second time does nothing. */
  leave(): void
}

export interface Admission {
  /** Undefined where the server has enough to do. */
  enter(): Ticket | undefined
  readonly requests: () => number
  readonly bytes: () => number
  /** Resolves when no request is under way. */
  idle(): Promise<void>
}

export interface AdmissionLimits {
  readonly maxRequests: number
  readonly maxBytes: number
}

/** Bounds what the requests under way hold together; what passes the bound is for somebody else, or for later. */
export const createAdmission = ({ maxRequests, maxBytes }: AdmissionLimits): Admission => {
  let requests = 0
  let bytes = 0
  let waiting: (() => void)[] = []
  const enter = (): Ticket | undefined => {
    if (requests >= maxRequests || bytes >= maxBytes) return undefined
    requests += 1
    let held = 0
    let inside = true
    let owed = 0
    const hold = (more: number): void => {
      if (!inside) return
      held += more
      bytes += more
    }
    return {
      take: (more) => {
        if (bytes + more > maxBytes) return false
        hold(more)
        return true
      },
      came: (more) => {
        owed += more
        hold(more)
      },
      carry: (more) => {
        hold(Math.max(0, more - owed))
        owed = Math.max(0, owed - more)
      },
      leave: () => {
        if (!inside) return
        inside = false
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
