import type { BedrockEmulator } from "@pictor/bedrock-emulator"

export interface Asked {
  readonly url: string
  /** Fields of the request; with a file it is a form. */
  readonly fields: Readonly<Record<string, string | number | boolean | Blob>>
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** Posts fields to `/v1/images/generations`, or with an image to `/v1/images/edits`. */
export const ask = ({ url, fields, headers = {}, signal }: Asked): Promise<Response> => {
  const isEdit = Object.values(fields).some((value) => value instanceof Blob)
  const form = new FormData()
  for (const [name, value] of Object.entries(fields))
    form.append(name, value instanceof Blob ? value : String(value))
  return fetch(`${url}/v1/images/${isEdit ? "edits" : "generations"}`, {
    method: "POST",
    headers: isEdit ? headers : { "content-type": "application/json", ...headers },
    body: isEdit ? form : JSON.stringify(fields),
    ...(signal && { signal }),
  })
}

interface Lost {
  readonly index: number
  readonly status: string
  readonly stage?: string
  readonly reason?: string
  readonly code?: string
  readonly message?: string
}

interface Report {
  readonly cost: { readonly micro_usd: number; readonly maybe_micro_usd: number }
  readonly slots?: readonly Lost[]
  readonly warnings?: readonly string[]
}

interface Json {
  readonly data?: readonly { readonly b64_json?: string }[]
  readonly pictor?: Report
  readonly error?: {
    readonly message: string
    readonly code: string
    readonly type: string
    readonly moderation_details?: { readonly moderation_stage: string }
    readonly pictor?: Report & { readonly maybe_billed: boolean }
  }
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  /** Base64. */
  readonly images: readonly string[]
  readonly report: Report | undefined
  readonly error: Json["error"]
}

interface Event {
  readonly type: string
  readonly b64_json?: string
  readonly pictor?: Report
}

const eventsIn = (text: string): readonly Event[] =>
  text
    .split("\n")
    .flatMap((line) =>
      line.startsWith("data: ") ? [JSON.parse(line.slice("data: ".length)) as Event] : [],
    )

/** The events or the JSON of an answer. */
export const read = async (response: Response): Promise<Answered> => {
  const { status, headers } = response
  const text = await response.text()
  if (headers.get("content-type")?.startsWith("text/event-stream")) {
    const events = eventsIn(text)
    return {
      status,
      headers,
      images: events.flatMap((event) => event.b64_json ?? []),
      report: events.at(-1)?.pictor,
      error: undefined,
    }
  }
  const { data = [], pictor, error } = JSON.parse(text) as Json
  return {
    status,
    headers,
    images: data.flatMap((image) => image.b64_json ?? []),
    report: pictor ?? error?.pictor,
    error,
  }
}

export const nova = "amazon.nova-canvas-v1:0"

/** The smallest image of Nova Canvas, and its price. */
export const small = { model: nova, size: "320x320" } as const
export const smallMicroUsd = 40_000

/** The smallest image of a model whose reply is an event stream. */
export const smallest = { model: "stability.stable-diffusion-xl-v0", size: "128x128" } as const
export const smallestMicroUsd = 18_000

/** Number of calls at the emulator with this word in the prompt. */
export const callsFor = ({ requests }: Pick<BedrockEmulator, "requests">, word: string): number =>
  requests.filter(({ body }) => JSON.stringify(body).includes(word)).length
