import { at, decode, type JsonObject, type Pixels, textAt } from "@pictor/emulator-kit"
import type { FluxEmulator } from "../emulator.ts"

export type Reply = { readonly status: number; readonly body: unknown; readonly headers: Headers }

const read = async (reply: Response): Promise<Reply> => ({
  status: reply.status,
  headers: reply.headers,
  body: await reply.json(),
})

const key = { "x-key": "bfl_test" }

export const order = async (
  { url }: Pick<FluxEmulator, "url">,
  endpoint: string,
  body: JsonObject,
  headers: Readonly<Record<string, string>> = key,
): Promise<Reply> =>
  read(
    await fetch(`${url}/v1/${endpoint}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    }),
  )

export const poll = async (url: string, headers: Readonly<Record<string, string>> = key) =>
  read(await fetch(url, { headers }))

export const pollingUrl = ({ body }: Reply): string => textAt(body, "polling_url") ?? ""

const running = ["Pending", "Reasoning", "Generating"]

/** The last answer of so many polls, or the first one that is not of a running job. */
export const ended = async (submitted: Reply, polls = 10): Promise<Reply> => {
  const reply = await poll(pollingUrl(submitted))
  return running.includes(textAt(reply.body, "status") ?? "") && polls > 1
    ? ended(submitted, polls - 1)
    : reply
}

export const sampleOf = ({ body }: Reply): string => textAt(body, "result", "sample") ?? ""

export type Picture = { readonly type: string | null; readonly pixels: Pixels }

/** Orders, polls and downloads a picture. */
export const picture = async (
  emulator: Pick<FluxEmulator, "url">,
  endpoint: string,
  body: JsonObject,
): Promise<Picture> => {
  const finished = await ended(await order(emulator, endpoint, body))
  if (at(finished.body, "status") !== "Ready") throw new Error(JSON.stringify(finished.body))
  const reply = await fetch(sampleOf(finished))
  const pixels = await decode(Buffer.from(await reply.arrayBuffer()).toString("base64"))
  if (pixels === undefined) throw new Error("The result is not a picture")
  return { type: reply.headers.get("content-type"), pixels }
}
