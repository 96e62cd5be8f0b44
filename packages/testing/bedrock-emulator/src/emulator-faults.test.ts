import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime"
import { NodeHttpHandler } from "@smithy/node-http-handler"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { faultCases, novaBody, novaId } from "./__fixtures__/fault-cases.ts"
import { invoke, withFault } from "./__fixtures__/invoke.ts"
import { type BedrockEmulator, createBedrockEmulator } from "./emulator.ts"
import { faultKinds } from "./faults/fault.ts"

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "emulated" }

const transports = [
  ["HTTP/1.1", () => ({ requestHandler: new NodeHttpHandler() })],
  ["the SDK's own HTTP/2", () => ({})],
] as const

test("every fault except the endless one has a case", () => {
  expect(faultCases.map(({ kind }) => kind).toSorted()).toEqual(
    faultKinds.filter((kind) => kind !== "timeout").toSorted(),
  )
})

describe.each(transports)("over %s", (_, transport) => {
  let emulator: BedrockEmulator
  let client: BedrockRuntimeClient

  beforeAll(async () => {
    emulator = await createBedrockEmulator({ seed: 1 })
    client = new BedrockRuntimeClient({
      region: "us-east-1",
      endpoint: emulator.url,
      credentials,
      maxAttempts: 1,
      ...transport(),
    })
  })

  afterAll(async () => {
    client.destroy()
    await emulator.close()
  })

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
    const seen = emulator.requests.length
    const pending = invoke(client, novaId, withFault(novaBody, "timeout"), leaving.signal)
    pending.catch(() => {})
    await expect.poll(() => emulator.requests.length).toBe(seen + 1)
    leaving.abort()
    await expect(pending).rejects.toMatchObject({ name: "AbortError" })
  })

  test("closing ends an answer that never comes", async () => {
    const own = await createBedrockEmulator({ faults: [{ kind: "timeout" }] })
    const caller = new BedrockRuntimeClient({
      region: "us-east-1",
      endpoint: own.url,
      credentials,
      maxAttempts: 1,
      ...transport(),
    })
    const pending = invoke(caller, novaId, novaBody)
    pending.catch(() => {})
    await expect.poll(() => own.requests.length).toBe(1)
    await own.close()
    await expect(pending).rejects.toBeInstanceOf(Error)
    caller.destroy()
  })
})
