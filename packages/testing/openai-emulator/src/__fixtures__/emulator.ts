import { afterEach } from "vitest"
import { createOpenAiEmulator, type OpenAiEmulator } from "../emulator.ts"
import type { EmulatorOptions } from "../options.ts"

const open: OpenAiEmulator[] = []

afterEach(async () => {
  for (const emulator of open.splice(0)) await emulator.close()
})

/** Starts an emulator that is closed after the test. */
export const start = async (options: EmulatorOptions = {}): Promise<OpenAiEmulator> => {
  const emulator = await createOpenAiEmulator(options)
  open.push(emulator)
  return emulator
}

type ReplyJson = {
  readonly created: number
  readonly size: string
  readonly background: string
  readonly safety_identifier: string | null
  readonly data: readonly { readonly b64_json: string; readonly url: string }[]
  readonly usage: {
    readonly input_tokens_details: object
    readonly cost_in_usd_ticks: number
  }
  readonly svg_usage: object
  readonly error: { readonly code: string }
}

export type Sent = {
  readonly status: number
  readonly headers: Headers
  readonly json: ReplyJson
}

type Sending = {
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
}

export const post = async (
  { url }: OpenAiEmulator,
  body: object,
  { path = "/v1/images/generations", headers = {} }: Sending = {},
): Promise<Sent> => {
  const isForm = body instanceof FormData
  const reply = await fetch(`${url}${path}`, {
    method: "POST",
    headers: {
      authorization: "Bearer emulated",
      ...(isForm ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    body: isForm ? body : JSON.stringify(body),
  })
  return { status: reply.status, headers: reply.headers, json: (await reply.json()) as ReplyJson }
}

export const small = {
  model: "gpt-image-2",
  prompt: "A tea garden",
  size: "1024x1024",
  quality: "low",
} as const
