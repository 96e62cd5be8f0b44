import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime"
import { NodeHttpHandler } from "@smithy/node-http-handler"
import { setupServer } from "msw/node"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { faultCases, novaBody, novaId } from "./__fixtures__/fault-cases.ts"
import { invoke, withFault } from "./__fixtures__/invoke.ts"
import { createBackend, type RecordedRequest } from "./backend.ts"
import { bedrockHandlers } from "./handlers.ts"

const requests: RecordedRequest[] = []

const server = setupServer(...bedrockHandlers({ seed: 1, requests }))

const client = new BedrockRuntimeClient({
  region: "eu-west-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "emulated" },
  maxAttempts: 1,
  requestHandler: new NodeHttpHandler(),
})

beforeAll(() => server.listen({ onUnhandledFrame: "error" }))

afterAll(() => {
  client.destroy()
  server.close()
})

describe("the msw handlers", () => {
  test.each(faultCases.filter(({ error }) => error !== undefined))(
    "$kind reaches the caller as an error",
    async ({ kind, error }) => {
      await expect(invoke(client, novaId, withFault(novaBody, kind))).rejects.toMatchObject(
        error ?? {},
      )
    },
  )

  test.each(faultCases.filter(({ error }) => error === undefined))(
    "$kind shapes the reply",
    async ({ kind, settings = "", images, text }) => {
      const reply = await invoke(client, novaId, withFault(novaBody, `${kind}${settings}`))
      expect(reply["images"]).toHaveLength(images ?? 0)
      expect(reply["error"]).toBe(text)
    },
  )

  test("a timeout lasts until the caller disconnects", async () => {
    const leaving = new AbortController()
    const seen = requests.length
    const pending = invoke(client, novaId, withFault(novaBody, "timeout"), leaving.signal)
    pending.catch(() => {})
    await expect.poll(() => requests.length).toBe(seen + 1)
    leaving.abort()
    await expect(pending).rejects.toMatchObject({ name: "AbortError" })
  })

  test("an ARN arrives unchanged, with its headers", async () => {
    const arn = "arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/abc123"
    await invoke(client, arn, novaBody)
    expect(requests.at(-1)).toMatchObject({ modelId: arn, body: novaBody })
    expect(requests.at(-1)?.headers["authorization"]).toContain("Credential=AKIDEXAMPLE/")
  })

  test("the reply equals the server's, byte for byte", async () => {
    const reply = await invoke(client, novaId, novaBody)
    const { answer } = await createBackend()({
      modelId: novaId,
      streaming: false,
      headers: { authorization: "Bearer emulated" },
      body: Buffer.from(JSON.stringify(novaBody)),
    })
    expect(reply).toEqual(JSON.parse(new TextDecoder().decode(answer.body)))
  })
})
