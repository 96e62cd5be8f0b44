/** A request as the emulator received it. */
export type RecordedRequest = {
  readonly kind: "submit" | "poll" | "download"
  readonly method: string
  /** With the query. */
  readonly path: string
  /** With lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The parsed JSON of a submit, or its text where it is not JSON. */
  readonly body: unknown
}

export type Recorder = {
  readonly requests: readonly RecordedRequest[]
  readonly record: (kind: RecordedRequest["kind"], request: Request, body?: unknown) => void
}

export const createRecorder = (
  requests: RecordedRequest[],
  keepRequests = Number.POSITIVE_INFINITY,
): Recorder => ({
  requests,
  record: (kind, request, body) => {
    const { pathname, search } = new URL(request.url)
    requests.push({
      kind,
      method: request.method,
      path: `${pathname}${search}`,
      headers: Object.fromEntries(request.headers),
      body,
    })
    if (requests.length > keepRequests) requests.shift()
  },
})
