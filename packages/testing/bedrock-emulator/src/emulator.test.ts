import { once } from "node:events"
import { connect, type Socket } from "node:net"
import {
  BedrockRuntimeClient,
  InvokeModelWithResponseStreamCommand,
} from "@aws-sdk/client-bedrock-runtime"
import { NodeHttpHandler } from "@smithy/node-http-handler"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { novaBody, novaId } from "./__fixtures__/fault-cases.ts"
import { invoke } from "./__fixtures__/invoke.ts"
import { type BedrockEmulator, createBedrockEmulator } from "./emulator.ts"
import { models } from "./models.ts"

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "emulated" }

let emulator: BedrockEmulator
let client: BedrockRuntimeClient

beforeAll(async () => {
  emulator = await createBedrockEmulator({ seed: 3 })
  client = new BedrockRuntimeClient({
    region: "us-west-2",
    endpoint: emulator.url,
    credentials,
    maxAttempts: 1,
  })
})

afterAll(async () => {
  client.destroy()
  await emulator.close()
})

const post = (
  path: string,
  headers: Record<string, string> = {},
  body: unknown = novaBody,
): Promise<Response> =>
  fetch(`${emulator.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) })

const minimalBodies = [
  { prompt: "tea" },
  { text_prompts: [{ text: "tea" }] },
  { taskType: "TEXT_IMAGE", textToImageParams: { text: "tea" } },
]

const textOf = async (modelId: string, body: object): Promise<string> => {
  const events = await client.send(
    new InvokeModelWithResponseStreamCommand({ modelId, body: JSON.stringify(body) }),
  )
  let text = ""
  for await (const event of events.body ?? []) text += new TextDecoder().decode(event.chunk?.bytes)
  return text
}

describe("the emulator", () => {
  test.each(models.flatMap(({ ids, onDemand, converse }) => (onDemand && !converse ? ids : [])))(
    "serves %s, retired or not",
    async (modelId) => {
      const statuses: number[] = []
      for (const body of minimalBodies) {
        const reply = await post(
          `/model/${encodeURIComponent(modelId)}/invoke`,
          { authorization: "Bearer emulated" },
          body,
        )
        await reply.arrayBuffer()
        statuses.push(reply.status)
      }
      expect(statuses.toSorted((left, right) => left - right)).toEqual([200, 400, 400])
    },
  )

  test.each([
    {},
    { authorization: "" },
    { authorization: "Bearer  " },
    { authorization: "Basic dXNlcg==" },
  ])("refuses a request with %j", async (headers) => {
    const reply = await post(`/model/${novaId}/invoke`, headers)
    expect(reply.status).toBe(403)
    expect(reply.headers.get("x-amzn-errortype")).toMatch(/^MissingAuthenticationTokenException/)
    expect(await reply.json()).toEqual({ message: "Missing Authentication Token" })
  })

  test("accepts a bearer token of the SDK", async () => {
    const bearer = new BedrockRuntimeClient({
      region: "us-west-2",
      endpoint: emulator.url,
      token: { token: "emulated" },
      authSchemePreference: ["httpBearerAuth"],
      requestHandler: new NodeHttpHandler(),
    })
    await invoke(bearer, novaId, novaBody)
    bearer.destroy()
    expect(emulator.requests.at(-1)?.headers["authorization"]).toBe("Bearer emulated")
  })

  test("records the id, the headers and the body of a signed request", async () => {
    const arn = "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-canvas-v1:0"
    await invoke(client, arn, novaBody)
    const request = emulator.requests.at(-1)
    expect(request).toMatchObject({
      modelId: arn,
      body: novaBody,
      headers: { accept: "application/json" },
    })
    expect(request?.headers["authorization"]).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\//)
  })

  test("records the text of a body that is not JSON", async () => {
    await fetch(`${emulator.url}/model/${novaId}/invoke`, {
      method: "POST",
      headers: { authorization: "Bearer x" },
      body: "{",
    })
    expect(emulator.requests.at(-1)?.body).toBe("{")
  })

  test("streams the reply of a streaming model", async () => {
    const reply: unknown = JSON.parse(
      await textOf("stability.stable-diffusion-xl-v0", {
        text_prompts: [{ text: "tea" }],
        seed: 4,
      }),
    )
    expect(reply).toMatchObject({ artifacts: [{ seed: 4, finishReason: "SUCCESS" }] })
  })

  test("rejects streaming of other models", async () => {
    await expect(textOf(novaId, novaBody)).rejects.toMatchObject({ name: "ValidationException" })
  })

  test.each([
    "/",
    "/model",
    "/model//invoke",
    "/model/%E0%A4%A/invoke",
    `/model/${novaId}/converse-stream`,
  ])("has no operation at %s", async (path) => {
    expect((await post(path, { authorization: "Bearer x" })).status).toBe(404)
  })

  test("answers parallel calls over both protocols", async () => {
    const other = new BedrockRuntimeClient({
      region: "us-west-2",
      endpoint: emulator.url,
      credentials,
      requestHandler: new NodeHttpHandler(),
    })
    const replies = await Promise.all(
      [client, other].flatMap((caller) =>
        Array.from({ length: 10 }, () => invoke(caller, novaId, novaBody)),
      ),
    )
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1)
    other.destroy()
  })

  test.each([
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense",
    "\u0000\u0001\u0002 nonsense\r\n\r\n",
    "P",
    "POST /model/x/invoke HTTP/1.1\r\ncontent-length: 9\r\n\r\n{",
  ])("survives %j and a reset", async (bytes) => {
    const socket: Socket = connect({ port: Number(new URL(emulator.url).port), host: "127.0.0.1" })
    socket.on("error", () => {})
    await once(socket, "connect")
    await new Promise<void>((resolve) => socket.write(bytes, "latin1", () => resolve()))
    socket.resetAndDestroy()
    await once(socket, "close")
    expect((await post("/", {})).status).toBe(404)
  })

  test.each(["GET", "PUT"])("knows no operation of the method %s", async (method) => {
    const response = await fetch(`${emulator.url}/model/${novaId}/invoke`, { method })
    expect([response.status, response.headers.get("x-amzn-errortype")]).toEqual([
      404,
      "UnknownOperationException",
    ])
  })

  test("waits for its latency", async () => {
    const slow = await createBedrockEmulator({ latencyMs: 40 })
    const started = performance.now()
    await (await fetch(`${slow.url}/model/x/invoke`, { method: "POST" })).arrayBuffer()
    expect(performance.now() - started).toBeGreaterThan(38)
    await slow.close()
  })

  test("rejects a port that is in use", async () => {
    const port = Number(new URL(emulator.url).port)
    await expect(createBedrockEmulator({ port })).rejects.toMatchObject({ code: "EADDRINUSE" })
  })
})
