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

const picture = Buffer.alloc(1_500_000, "AbCd").toString("latin1")

describe("a call", () => {
  it("is JSON over HTTP/1.1, signed for bedrock in the region", async () => {
    const server = await serve(answerJson(200, { images: [] }))
    await connect(server).invoke(titanCall)
    const [request] = server.requests
    expect(request).toMatchObject({
      method: "POST",
      path: "/model/amazon.titan-image-generator-v2%3A0/invoke",
      protocol: "1.1",
    })
    expect(JSON.parse(request?.body ?? "")).toEqual(titanCall.body)
    expect(request?.headers).toMatchObject({
      "content-type": "application/json",
      accept: "application/json",
    })
    expect(request?.headers["authorization"]).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDTEST\/\d{8}\/us-west-2\/bedrock\/aws4_request/,
    )
  })

  it("sends an ARN as one path segment", async () => {
    const server = await serve(answerJson(200, {}))
    await connect(server).invoke({
      ...titanCall,
      modelId: "arn:aws:bedrock:us-west-2:123456789012:provisioned-model/x",
    })
    expect(server.requests[0]?.path).toBe(
      "/model/arn%3Aaws%3Abedrock%3Aus-west-2%3A123456789012%3Aprovisioned-model%2Fx/invoke",
    )
  })

  it.each([
    ["with its length announced", {}],
    ["without a length", { "transfer-encoding": "chunked" }],
  ])("returns the reply's bytes in one array, %s", async (_, headers) => {
    const respond: Respond = (response) => {
      response.writeHead(
        200,
        "transfer-encoding" in headers ? {} : { "content-length": String(picture.length) },
      )
      response.write(picture.slice(0, 700_000))
      response.end(picture.slice(700_000))
    }
    const server = await serve(respond)
    const { body, status } = await connect(server).invoke(titanCall)
    expect(status).toBe(200)
    expect(Object.getPrototypeOf(body)).toBe(Uint8Array.prototype)
    expect(Buffer.from(body as Uint8Array).equals(Buffer.from(picture))).toBe(true)
  })

  it("returns the request id and the headers in lower case", async () => {
    const server = await serve(
      answerJson(
        200,
        {},
        { "X-Amzn-RequestId": "request-7", "X-Amzn-Bedrock-Invocation-Latency": "12" },
      ),
    )
    const reply = await connect(server).invoke(titanCall)
    expect(reply.requestId).toBe("request-7")
    expect(reply.headers).toMatchObject({
      "x-amzn-requestid": "request-7",
      "x-amzn-bedrock-invocation-latency": "12",
    })
  })

  it("works through a handler from the options", async () => {
    const server = await serve(answerJson(200, { images: [picture] }))
    const transport = connect(server, { requestHandler: new NodeHttpHandler() })
    const replies = await Promise.all([transport.invoke(titanCall), transport.invoke(titanCall)])
    replies.push(await transport.invoke(titanCall))
    for (const { body } of replies)
      expect(JSON.parse(Buffer.from(body as Uint8Array).toString())).toEqual({ images: [picture] })
  })

  it("names the guardrail", async () => {
    const server = await serve(answerJson(200, {}))
    await connect(server, { guardrail: { id: "gr-1", version: "3", trace: "ENABLED" } }).invoke(
      titanCall,
    )
    expect(server.requests[0]?.headers).toMatchObject({
      "x-amzn-bedrock-guardrailidentifier": "gr-1",
      "x-amzn-bedrock-guardrailversion": "3",
      "x-amzn-bedrock-trace": "ENABLED",
    })
  })

  it("goes to the region of the option rather than that of the call", async () => {
    const server = await serve(answerJson(200, {}))
    await connect(server, { region: undefined }).invoke({ ...titanCall, region: "eu-west-1" })
    await connect(server).invoke({ ...titanCall, region: "eu-west-1" })
    const scopes = server.requests.map(({ headers }) => headers["authorization"]?.split("/")[2])
    expect(scopes).toEqual(["eu-west-1", "us-west-2"])
  })

  it("works again after close()", async () => {
    const server = await serve(answerJson(200, {}))
    const transport = connect(server)
    await transport.invoke(titanCall)
    await transport.close()
    await expect(transport.invoke(titanCall)).resolves.toMatchObject({ status: 200 })
  })

  it("is rejected before sending if its body is too large for Bedrock", async () => {
    const server = await serve(answerJson(200, {}))
    const call = { ...titanCall, body: { image: "a".repeat(25_000_000) } }
    await expect(connect(server).invoke(call)).rejects.toMatchObject({
      code: "invalid_request",
      issues: [{ path: "body" }],
    })
    expect(server.requests).toEqual([])
  })
})

const failure = (status: number, type: string, message: string): Respond =>
  answerJson(
    status,
    { message },
    {
      "x-amzn-errortype": `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
      "x-amzn-requestid": "request-9",
    },
  )

describe("an error of Bedrock", () => {
  it.each([
    [
      failure(400, "ValidationException", "Operation not allowed"),
      { code: "forbidden", status: 400 },
    ],
    [failure(403, "AccessDeniedException", "no access"), { code: "forbidden", status: 403 }],
    [
      failure(404, "ResourceNotFoundException", "has reached the end of its life."),
      { code: "model_retired" },
    ],
    [failure(408, "ModelTimeoutException", "timed out"), { code: "timeout", maybeBilled: true }],
    [failure(424, "ModelErrorException", "failed"), { code: "provider_failed", retryable: false }],
    [failure(429, "ThrottlingException", "slow down"), { code: "rate_limited", retryable: true }],
    [failure(429, "ModelNotReadyException", "wait"), { code: "unavailable", retryable: true }],
    [failure(500, "InternalServerException", "oops"), { code: "provider_failed", retryable: true }],
    [failure(503, "ServiceUnavailableException", "down"), { code: "unavailable", retryable: true }],
    [failure(529, "overloaded_error", "busy"), { code: "unavailable", retryable: true }],
    [failure(403, "ExpiredTokenException", "expired"), { code: "unauthenticated" }],
  ])("is sent once and becomes an ImageError (%#)", async (respond, expected) => {
    const server = await serve(respond)
    await expect(connect(server).invoke(titanCall)).rejects.toMatchObject({
      ...expected,
      requestId: "request-9",
    })
    expect(server.requests).toHaveLength(1)
  })

  it("may lack its type", async () => {
    const server = await serve(
      answerJson(400, {
        message: "blocked by our content filters. Please adjust your input image",
      }),
    )
    await expect(connect(server).invoke(titanCall)).rejects.toMatchObject({
      code: "content_filtered",
      stage: "input-image",
    })
  })

  it("may be HTML", async () => {
    const server = await serve(
      answerJson(502, "<html>Bad gateway</html>", {
        "content-type": "text/html",
        "retry-after": "4",
      }),
    )
    await expect(connect(server).invoke(titanCall)).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      retryAfterMs: 4000,
      status: 502,
    })
  })

  it("keeps the provider's text out of the whole error", async () => {
    const server = await serve(
      failure(
        400,
        "ValidationException",
        "Malformed input request: #/style: purple elephant is not a valid enum value",
      ),
    )
    const error = await connect(server)
      .invoke(titanCall)
      .catch((reason: unknown) => reason)
    const { inspect } = await import("node:util")
    expect(error).toMatchObject({ issues: [{ path: "body.style" }] })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("purple")
  })
})
