import type { TransportCall } from "@pictor/core/adapter"
import { NodeHttpHandler } from "@smithy/node-http-handler"
import { afterEach, describe, expect, it } from "vitest"
import {
  answerJson,
  keys,
  type Respond,
  startServer,
  type TestServer,
  titanCall,
} from "./__fixtures__/server.ts"
import type { BedrockOptions } from "./options.ts"
import { bedrock } from "./transport.ts"

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

const serve = async (respond: Respond): Promise<TestServer> => {
  const server = await startServer(respond)
  cleanups.push(server.close)
  return server
}

const connect = (server: TestServer, options: BedrockOptions = {}) => {
  const transport = bedrock({
    region: "us-west-2",
    credentials: keys,
    endpoint: server.url,
    ...options,
  })
  cleanups.push(transport.close)
  return transport
}

const picture = Buffer.alloc(300_000, "AbCd").toString("latin1")

const call: TransportCall = {
  model: "amazon.nova-2-omni-v1:0",
  modelId: "us.amazon.nova-2-omni-v1:0",
  endpoint: "converse",
  body: {
    messages: [
      {
        role: "user",
        content: [
          { text: "tea" },
          { image: { format: "png", source: { bytes: picture } } },
          { aFieldThatTheSdkDoesNotKnow: 0 },
        ],
      },
    ],
    inferenceConfig: { maxTokens: 5000 },
  },
}

const reply = {
  output: {
    message: {
      role: "assistant",
      content: [{ image: { format: "png", source: { bytes: picture } } }, { newBlock: 1 }],
    },
  },
  stopReason: "end_turn",
  usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
}

const jsonOf = (body: Uint8Array | readonly Uint8Array[]): unknown =>
  JSON.parse(Buffer.from(body as Uint8Array).toString())

describe.each<readonly [handler: string, options: () => BedrockOptions]>([
  ["the transport's client", () => ({})],
  ["a request handler of the SDK", () => ({ requestHandler: new NodeHttpHandler() })],
])("a call by Converse through %s", (_, options) => {
  it("sends the body as it is to the path of Converse, the first time and later", async () => {
    const server = await serve(answerJson(200, reply))
    const transport = connect(server, options())
    for (let count = 0; count < 3; count++) await transport.invoke(call)
    expect(server.requests).toHaveLength(3)
    for (const { path, method, body, headers } of server.requests) {
      expect([method, path]).toEqual(["POST", "/model/us.amazon.nova-2-omni-v1%3A0/converse"])
      expect(JSON.parse(body)).toEqual(call.body)
      expect(headers["content-type"]).toBe("application/json")
      expect(headers["content-length"]).toBe(String(Buffer.byteLength(body)))
      expect(headers["authorization"]).toMatch(/us-west-2\/bedrock\/aws4_request/)
    }
  })

  it("returns the reply's JSON as it is", async () => {
    const server = await serve(answerJson(200, reply, { "x-amzn-requestid": "r-1" }))
    const transport = connect(server, options())
    for (let count = 0; count < 2; count++) {
      const { body, status, requestId } = await transport.invoke(call)
      expect(jsonOf(body)).toEqual(reply)
      expect([status, requestId]).toEqual([200, "r-1"])
    }
  })

  it.each([
    [429, "ThrottlingException", "rate_limited", false],
    [408, "ModelTimeoutException", "timeout", true],
    [400, "ValidationException", "invalid_request", false],
  ])("throws what Bedrock answers with %i %s", async (status, type, code, maybeBilled) => {
    let isFirst = true
    const server = await serve((...request) => {
      const answer = isFirst
        ? answerJson(200, reply)
        : answerJson(status, { message: "tea" }, { "x-amzn-errortype": type })
      isFirst = false
      answer(...request)
    })
    const transport = connect(server, options())
    await transport.invoke(call)
    await expect(transport.invoke(call)).rejects.toMatchObject({ code, status, maybeBilled })
    expect(server.requests).toHaveLength(2)
  })

  it("is maybe billed when the connection breaks in the reply", async () => {
    const server = await serve((response, _request, cut) => {
      response.writeHead(200, { "content-length": "1000" })
      response.write("{", () => cut())
    })
    const invoked = connect(server, options()).invoke(call)
    await expect(invoked).rejects.toMatchObject({ code: "unavailable", maybeBilled: true })
  })
})

describe("a call by Converse", () => {
  it("sends the guardrail in the body", async () => {
    const server = await serve(answerJson(200, reply))
    const guardrail = { id: "g", version: "1", trace: "ENABLED" } as const
    await connect(server, { guardrail }).invoke(call)
    expect(JSON.parse(server.requests[0]?.body ?? "")).toEqual({
      ...call.body,
      guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1", trace: "enabled" },
    })
  })

  it("does not share a template with InvokeModel of the same id", async () => {
    const server = await serve(answerJson(200, reply))
    const transport = connect(server)
    await transport.invoke(call)
    await transport.invoke({ ...titanCall, modelId: call.modelId })
    await transport.invoke(call)
    expect(server.requests.map(({ path }) => path.split("/").at(-1))).toEqual([
      "converse",
      "invoke",
      "converse",
    ])
  })

  it("is not sent when its body is too long", async () => {
    const server = await serve(answerJson(200, reply))
    const invoked = connect(server).invoke({ ...call, body: { text: "a".repeat(25_000_000) } })
    await expect(invoked).rejects.toMatchObject({ code: "invalid_request", maybeBilled: false })
    expect(server.requests).toEqual([])
  })

  it("stops at the limit of the reply", async () => {
    const server = await serve(answerJson(200, reply))
    const invoked = connect(server, { maxReplyBytes: 1000 }).invoke(call)
    await expect(invoked).rejects.toMatchObject({ maybeBilled: true })
  })

  it.each([{ endpoint: "converse-stream" }, { encoding: "form" as const }])(
    "is rejected before it is sent with %j",
    async (fields) => {
      const server = await serve(answerJson(200, reply))
      const invoked = connect(server).invoke({ ...call, ...fields })
      await expect(invoked).rejects.toMatchObject({ code: "unsupported" })
      expect(server.requests).toEqual([])
    },
  )
})
