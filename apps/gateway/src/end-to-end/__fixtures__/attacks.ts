import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { bombs } from "./decompression-bombs.ts"

/** Connections of an attacker, each closed by `stop`. */
export interface Attacker {
  readonly sockets: Socket[]
  readonly open: () => Promise<Socket>
  readonly stop: () => void
}

/** Loopback only. What the gateway answers is read unless the attack pauses the socket. */
export const createAttacker = (url: string): Attacker => {
  const sockets: Socket[] = []
  const { hostname: host, port } = new URL(url)
  const open = async (): Promise<Socket> => {
    const socket = connect({ host, port: Number(port), allowHalfOpen: true })
    socket.on("error", () => undefined).resume()
    sockets.push(socket)
    await once(socket, "connect")
    return socket
  }
  return {
    sockets,
    open,
    stop: () => {
      for (const socket of sockets.splice(0)) socket.destroy()
    },
  }
}

const images = "/v1/images/generations"
const edits = "/v1/images/edits"

type Headers = Readonly<Record<string, string>>

const head = (method: string, path: string, key: string, headers: Headers = {}): string =>
  [
    `${method} ${path} HTTP/1.1`,
    "host: localhost",
    ...(key === "" ? [] : [`authorization: Bearer ${key}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "\r\n",
  ].join("\r\n")

const request = (path: string, key: string, body: string | Buffer, headers: Headers = {}) =>
  Buffer.concat([
    Buffer.from(
      head("POST", path, key, {
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(body)),
        ...headers,
      }),
    ),
    Buffer.from(body),
  ])

export type Attack = (attacker: Attacker, key: string) => Promise<void>

/** Sends the bytes on several connections at once. */
const flood =
  (bytesOf: (key: string) => string | Buffer, connections = 4): Attack =>
  async ({ open }, key) => {
    const bytes = bytesOf(key)
    for (let count = 0; count < connections; count += 1) (await open()).write(bytes)
  }

const json = (fields: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ model: "amazon.nova-canvas-v1:0", prompt: "a garden", ...fields })

const boundary = "b".repeat(40)

const formOf = (parts: readonly (readonly [name: string, content: string | Buffer])[]): Buffer =>
  Buffer.concat([
    ...parts.flatMap(([name, content]) => [
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"`),
      Buffer.from(typeof content === "string" ? "" : '; filename="a.png"'),
      Buffer.from("\r\n\r\n"),
      Buffer.from(content),
      Buffer.from("\r\n"),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ])

const form = (body: Buffer, named = boundary) => ({
  body,
  headers: { "content-type": `multipart/form-data; boundary=${named}` },
})

const sendForm =
  ({ body, headers }: ReturnType<typeof form>) =>
  (key: string): Buffer =>
    request(edits, key, body, headers)

const dashes = "-".repeat(8000)
const bomb = bombs["24000x24000 pixels"] ?? Buffer.alloc(0)

const pipelined = [
  "/docs/swagger-ui-bundle.js",
  "/openapi.json",
  "/metrics",
  "/health",
  "/v1/models",
  "/key/list",
  "/spend/logs",
  "/nothing",
]

/** One attack for each way to cost the gateway more than the attacker. */
export const attacks: Readonly<Record<string, Attack>> = {
  "declared bodies": flood(
    (key) => `${head("POST", images, key, { "content-length": "67108864" })}{`,
    16,
  ),
  "slow bodies": flood(
    (key) => `${head("POST", edits, key, { "transfer-encoding": "chunked" })}1\r\n{\r\n`,
    16,
  ),
  "pipelining on every route": async (attacker, key) => {
    for (const path of pipelined) {
      const socket = await attacker.open()
      socket.pause()
      socket.write(head("GET", path, key).repeat(300))
    }
  },
  "JSON of many small values": flood((key) =>
    request(images, key, json({ a: Array.from({ length: 300_000 }, () => ({})) })),
  ),
  "nested JSON": flood((key) => request(images, key, "[".repeat(500_000))),
  "a boundary of dashes": flood(
    sendForm(form(Buffer.from(`${"-".repeat(7000)}x`.repeat(100)), dashes)),
  ),
  "forms of many parts": flood(
    sendForm(form(formOf(Array.from({ length: 5000 }, (_, at) => [`part${at}`, "1"] as const)))),
  ),
  "huge headers": flood((key) => head("GET", "/v1/models", key, { "x-large": "a".repeat(60_000) })),
  "3,500 tags": flood((key) =>
    request(images, key, json({}), {
      "x-litellm-tags": Array.from({ length: 3500 }, (_, at) => `t${at % 10}`).join(","),
    }),
  ),
  "a user of 2 MB": flood((key) => request(images, key, json({ user: "u".repeat(2_000_000) }))),
  "pictures and masks that unpack": flood(
    sendForm(
      form(
        formOf([
          ["model", "amazon.nova-canvas-v1:0"],
          ["prompt", "a garden"],
          ["image", bomb],
          ["mask", bomb],
        ]),
      ),
    ),
  ),
  reports: flood((key) => head("GET", "/spend/logs", key).repeat(8)),
  "slow readers": async (attacker, key) => {
    for (let count = 0; count < 16; count += 1) {
      const socket = await attacker.open()
      socket.pause()
      socket.write(request(images, key, json({})))
    }
  },
  "half-closed sockets": async (attacker, key) => {
    for (let count = 0; count < 16; count += 1) {
      const socket = await attacker.open()
      socket.end(`${head("POST", images, key, { "content-length": "1000" })}{`)
    }
  },
}
