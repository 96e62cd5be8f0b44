import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { image } from "./images.ts"

/** A request as the server received it. */
interface Recorded {
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  /** JSON, or a form. */
  readonly body: unknown
}

/** A server that records requests and answers each with one picture. */
export const startRecorder = async () => {
  const requests: Recorded[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const type = request.headers["content-type"] ?? ""
      const sent = new Response(Buffer.concat(chunks), { headers: { "content-type": type } })
      const body = type.startsWith("multipart/") ? sent.formData() : sent.json()
      void body.then((read) => {
        requests.push({ path: request.url ?? "", headers: request.headers, body: read })
        response.setHeader("content-type", "application/json")
        response.end(JSON.stringify({ data: [{ b64_json: image }] }))
      })
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve)
  })
  const { port } = server.address() as AddressInfo
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}/v1`, requests, close }
}

/** The fields of a body, JSON or form: a picture as its type and bytes, in hexadecimal. */
export const fieldsOf = async (body: unknown): Promise<Readonly<Record<string, unknown>>> => {
  if (!(body instanceof FormData)) return body as Readonly<Record<string, unknown>>
  const fields: Record<string, unknown[]> = {}
  for (const [name, value] of body) {
    const text =
      typeof value === "string"
        ? value
        : `${value.type} ${Buffer.from(await value.arrayBuffer()).toString("hex")}`
    fields[name] = [...(fields[name] ?? []), text]
  }
  return fields
}
