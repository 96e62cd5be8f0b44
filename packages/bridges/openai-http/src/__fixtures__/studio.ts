import { createPictor, type Middleware, type PictorOptions } from "@pictor/core"
import type { Reply, TransportCall } from "@pictor/core/adapter"
import { openaiHttp } from "../openai-http.ts"
import type { OpenaiHttpOptions, RequestContext } from "../types.ts"
import { acme } from "./family.ts"

const signature = [137, 80, 78, 71, 13, 10, 26, 10]
const four = (value: number): readonly number[] =>
  [24, 16, 8, 0].map((shift) => (value >>> shift) & 255)
const chunk = (name: string, content: readonly number[]) => [
  ...four(content.length),
  ...new TextEncoder().encode(name),
  ...content,
  ...four(0),
]

/** A PNG whose pixel data is text. */
export const picture = (shows = "a house", width = 64, height = 64): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([
    ...signature,
    ...chunk("IHDR", [...four(width), ...four(height), 8, 6, 0, 0, 0]),
    ...chunk("IDAT", [...new TextEncoder().encode(shows)]),
    ...chunk("IEND", []),
  ])

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64")

/** The text of a PNG in base64. */
export const shown = (image: unknown): string => {
  const text = Buffer.from(String(image), "base64").toString("latin1")
  const start = text.indexOf("IDAT") + 4
  return text.slice(start, text.indexOf("IEND", start) - 8)
}

/** Image operations on such PNGs. "hole" makes one transparent, "bw" black and white. */
export const wordOps: NonNullable<OpenaiHttpOptions["imageOps"]> = {
  maxInputPixels: 50_000_000,
  inspect: async (image) => {
    if (image[0] !== 137) throw new Error("no picture")
    return {
      mediaType: "image/png",
      width: 64,
      height: 64,
      transparent: shown(base64(image)).includes("hole"),
    }
  },
  hasHole: async (image) => shown(base64(image)).includes("hole"),
  isBlackAndWhite: async (image) => shown(base64(image)).includes("bw"),
  alphaToMask: async (image) => picture(`white where ${shown(base64(image))}`),
}

export const reply = (body: unknown, more: Partial<Reply> = {}): Reply => ({
  status: 200,
  headers: {},
  body: new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body)),
  ...more,
})

const countOf = ({ body }: TransportCall): number =>
  (body as { readonly config?: { readonly count?: number } }).config?.count ?? 1

/** A reply with the number of images in the body. */
export const healthy = (call: TransportCall): Reply =>
  reply({
    images: Array.from({ length: countOf(call) }, (_, index) =>
      base64(picture(`picture ${index}`, 256, 256)),
    ),
  })

type Provider = (call: TransportCall, index: number) => Reply | Promise<Reply>

interface StudioOptions {
  readonly provider?: Provider
  readonly client?: Partial<PictorOptions<readonly []>>
  readonly middleware?: readonly Middleware[]
  readonly bridge?: Partial<OpenaiHttpOptions>
  readonly context?: RequestContext
}

const noon = Date.parse("2026-11-20T12:00:00Z")

/** The bridge over a client of the acme adapter. A function is the provider. */
export const studio = ({
  provider = healthy,
  client = {},
  bridge = {},
  context,
}: StudioOptions = {}) => {
  const calls: TransportCall[] = []
  const transport = {
    name: "wire",
    invoke: async (call: TransportCall) => provider(call, calls.push(call) - 1),
  }
  const runtime = { now: () => noon, random: () => 0.5, sleep: async () => undefined }
  const pictor = createPictor({ adapters: [acme(transport)], runtime, ...client })
  const openai = openaiHttp({ pictor, now: () => noon, imageOps: wordOps, ...bridge })
  const send = (path: string, init: RequestInit = {}) =>
    openai.fetch(new Request(`http://bridge.test${path}`, init), context)
  const json = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    send(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    })
  /** The body of a provider call. */
  const sent = (index = 0): Readonly<Record<string, unknown>> => calls[index]?.body ?? {}
  return {
    openai,
    pictor,
    calls,
    sent,
    send,
    json,
    generate: (body: unknown, headers = {}) => json("/v1/images/generations", body, headers),
  }
}

/** A form as browsers and the published clients send it. */
export const form = (
  fields: Readonly<Record<string, string | Blob | readonly (string | Blob)[]>>,
): FormData => {
  const made = new FormData()
  for (const [name, value] of Object.entries(fields))
    for (const each of [value].flat()) made.append(name, each)
  return made
}

export const file = (bytes: Uint8Array<ArrayBuffer> = picture(), type = "image/png"): File =>
  new File([bytes], "picture.png", { type })
