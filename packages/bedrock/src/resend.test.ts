import { createHash, createHmac } from "node:crypto"
import { HttpRequest } from "@smithy/core/protocols"
import { SignatureV4 } from "@smithy/signature-v4"
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

const deliver = answerJson(200, { images: [] })

/** Delivers to the first request, so that the next one uses its template. */
const serve = async (...later: readonly Respond[]): Promise<TestServer> => {
  const answers = [deliver, ...later]
  let turn = 0
  const server = await startServer((...request) => (answers[turn++] ?? deliver)(...request))
  cleanups.push(server.close)
  return server
}

const connect = ({ url }: TestServer, options: BedrockOptions = {}) => {
  const transport = bedrock({ region: "us-west-2", credentials: keys, endpoint: url, ...options })
  cleanups.push(transport.close)
  return transport
}

const callTwice = async (server: TestServer, options?: BedrockOptions, second: object = {}) => {
  const transport = connect(server, options)
  await transport.invoke(titanCall)
  return transport.invoke({ ...titanCall, body: { taskType: "TEXT_IMAGE", seed: 2, ...second } })
}

type Sent = TestServer["requests"][number]
const lasting = ({ headers }: Sent) => {
  const {
    authorization,
    "content-length": _length,
    "x-amz-content-sha256": _hash,
    "x-amz-date": _date,
    ...rest
  } = headers
  return {
    ...rest,
    "amz-sdk-invocation-id": "one each",
    signed: /SignedHeaders=[^,]+/.exec(authorization ?? "")?.[0],
  }
}

/** Signs the received request again, with AWS's own signer. */
const signatureOf = async ({ headers, path, method, body }: Sent): Promise<string | undefined> => {
  const signer = new SignatureV4({
    credentials: keys,
    region: "us-west-2",
    service: "bedrock",
    sha256: Sha256,
  })
  const named = /SignedHeaders=([^,]+)/.exec(headers["authorization"] ?? "")?.[1]?.split(";") ?? []
  const signed = Object.fromEntries(named.map((name) => [name, headers[name] ?? ""]))
  const [year, month, day, hour, minute, second] = (
    headers["x-amz-date"]?.match(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)/) ?? []
  )
    .slice(1)
    .map(Number)
  const signingDate = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second))
  const request = await signer.sign(new HttpRequest({ method, path, headers: signed, body }), {
    signingDate,
  })
  return request.headers["authorization"]
}

const bytesOf = (secret: string | ArrayBuffer | ArrayBufferView): Buffer => {
  if (typeof secret === "string") return Buffer.from(secret)
  return ArrayBuffer.isView(secret)
    ? Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength)
    : Buffer.from(secret)
}

class Sha256 {
  readonly #hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret))
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data)
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {}
}

describe("a further call of a model", () => {
  it("equals the first one except for body, id and signature", async () => {
    const server = await serve()
    await callTwice(server, { guardrail: { id: "gr-1", version: "3" } })
    const [first, second] = server.requests as [Sent, Sent]
    expect(second).toMatchObject({ method: first.method, path: first.path })
    expect(lasting(second)).toEqual(lasting(first))
    expect(JSON.parse(second.body)).toEqual({ taskType: "TEXT_IMAGE", seed: 2 })
    expect(second.headers["content-length"]).toBe(String(second.body.length))
    expect(second.headers["x-amz-content-sha256"]).toBe(
      createHash("sha256").update(second.body).digest("hex"),
    )
    expect(second.headers["amz-sdk-invocation-id"]).not.toBe(first.headers["amz-sdk-invocation-id"])
    expect(await signatureOf(first)).toBe(first.headers["authorization"])
    expect(await signatureOf(second)).toBe(second.headers["authorization"])
  })

  it("reads expired credentials again, and sends their session token", async () => {
    const server = await serve()
    let turn = 0
    const credentials = async () => {
      turn++
      return {
        ...keys,
        accessKeyId: `AKID${turn}`,
        sessionToken: `token-${turn}`,
        expiration: new Date(0),
      }
    }
    await callTwice(server, { credentials })
    const [first, second] = server.requests.map(({ headers }) => ({
      turn: Number(/Credential=AKID(\d+)/.exec(headers["authorization"] ?? "")?.[1]),
      token: headers["x-amz-security-token"],
    }))
    expect(second?.turn).toBeGreaterThan(first?.turn ?? Number.NaN)
    expect([first?.token, second?.token]).toEqual([`token-${first?.turn}`, `token-${second?.turn}`])
  })

  it("reads an API key again", async () => {
    const server = await serve()
    let turn = 0
    await callTwice(server, { credentials: undefined, apiKey: () => `key-${++turn}` })
    const [first, second] = server.requests.map(({ headers }) =>
      Number(headers["authorization"]?.replace("Bearer key-", "")),
    )
    expect(second).toBeGreaterThan(first ?? Number.NaN)
  })

  it("of another model goes to that model", async () => {
    const server = await serve()
    const transport = connect(server)
    for (const modelId of ["a.a-v1:0", "b.b-v1:0", "a.a-v1:0", "b.b-v1:0"])
      await transport.invoke({ ...titanCall, modelId })
    expect(server.requests.map(({ path }) => path.split("/")[2])).toEqual([
      "a.a-v1%3A0",
      "b.b-v1%3A0",
      "a.a-v1%3A0",
      "b.b-v1%3A0",
    ])
  })

  it("to another region is signed for it", async () => {
    const server = await serve()
    const transport = connect(server, { region: undefined })
    for (const region of ["eu-west-1", "us-east-1", "eu-west-1", "us-east-1"])
      await transport.invoke({ ...titanCall, region })
    const scopes = server.requests.map(({ headers }) => headers["authorization"]?.split("/")[2])
    expect(scopes).toEqual(["eu-west-1", "us-east-1", "eu-west-1", "us-east-1"])
  })

  it.each([
    [400, "ValidationException", "Operation not allowed", { code: "forbidden" }],
    [400, "ValidationException", "blocked by our content filters", { code: "content_filtered" }],
    [403, "ExpiredTokenException", "expired", { code: "unauthenticated" }],
    [
      404,
      "ResourceNotFoundException",
      "has reached the end of its life.",
      { code: "model_retired" },
    ],
    [408, "ModelTimeoutException", "timed out", { code: "timeout", maybeBilled: true }],
    [429, "ThrottlingException", "slow down", { code: "rate_limited", retryable: true }],
    [429, "ModelNotReadyException", "wait", { code: "unavailable", retryable: true }],
    [500, "InternalServerException", "oops", { code: "provider_failed", retryable: true }],
    [529, "overloaded_error", "busy", { code: "unavailable", retryable: true }],
  ])("is answered %s %s (%s) like a first one", async (status, type, message, expected) => {
    const server = await serve(
      answerJson(
        status,
        { message },
        { "x-amzn-errortype": type, "x-amzn-requestid": "request-9", "retry-after": "4" },
      ),
    )
    await expect(callTwice(server)).rejects.toMatchObject({
      ...expected,
      status,
      requestId: "request-9",
      retryAfterMs: 4000,
    })
    expect(server.requests).toHaveLength(2)
  })

  it("may be answered by HTML", async () => {
    const server = await serve(
      answerJson(502, "<html>Bad gateway</html>", { "content-type": "text/html" }),
    )
    await expect(callTwice(server)).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      status: 502,
    })
    expect(server.requests).toHaveLength(2)
  })

  it("is signed by the server's clock after a skew error", async () => {
    const aheadMs = 3_600_000
    const date = () => new Date(Date.now() + aheadMs).toUTCString()
    const server = await serve((response, ...rest) =>
      answerJson(
        403,
        { message: "skewed" },
        { "x-amzn-errortype": "RequestTimeTooSkewed", date: date() },
      )(response, ...rest),
    )
    const transport = connect(server)
    await transport.invoke(titanCall)
    await expect(transport.invoke(titanCall)).rejects.toMatchObject({ status: 403 })
    await transport.invoke(titanCall)
    const stamps = server.requests.map(({ headers }) => Number(headers["x-amz-date"]?.slice(9, 11)))
    expect(((stamps[2] ?? 0) - (stamps[0] ?? 0) + 24) % 24).toBeGreaterThanOrEqual(1)
  })
})
