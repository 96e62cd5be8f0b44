import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace"
import {
  createPictor,
  ImageError,
  type ImageResult,
  isImageError,
  memoryLedger,
} from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { echo, echoTransport } from "@pictor/echo"
import { Hono } from "hono"
import { afterEach, describe, expect, it } from "vitest"
import { anyone, json, post, startServer, type TestServer } from "../http/__fixtures__/server.ts"
import { createAdmission } from "../http/admission.ts"
import { createHealth } from "../http/health.ts"
import { defaultSettings } from "../http/settings.ts"
import { calls } from "../request-context.ts"
import type { Caller, Deployment } from "../types.ts"
import { instrumentLedger } from "./instrumented-ledger.ts"
import { createMetrics } from "./metrics.ts"
import { openTracing } from "./open-tracing.ts"
import { createTracing } from "./otel.ts"
import { providerCalls } from "./provider-calls.ts"

const canary = "zanzibar at dusk"
const key = "sk-zanzibar"

const deploymentOf = (transport: Transport, family: Deployment["family"]): Deployment => ({
  id: "d-1",
  family,
  group: "pictures",
  model: "echo-v1",
  address: "d-1/echo-v1",
  weight: 1,
  order: 0,
  region: "here-1",
  prices: [],
  adapter: echo(transport, { name: "d-1" }),
})

const caller: Caller = { ...anyone, kind: "key", keyId: "key-1" }

const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0)) await close()
})

/** A server in front of the echo model, with metrics, traces and log. */
const start = async (
  transport: Transport = echoTransport(),
  family: Deployment["family"] = "bedrock",
) => {
  const now = (): number => performance.timeOrigin + performance.now()
  const admission = createAdmission(defaultSettings)
  const metrics = createMetrics(admission, now)
  const spans = new InMemorySpanExporter()
  const tracing = createTracing(new SimpleSpanProcessor({ exporter: spans }), {
    version: "1.2.3",
    operation: "generate_content",
  })
  const deployment = deploymentOf(transport, family)
  const ledger = instrumentLedger(memoryLedger(), metrics.ledgerFailed)
  const middleware = [providerCalls(now), metrics.middleware, tracing.middleware]
  const pictor = createPictor({ adapters: [deployment.adapter], ledger, middleware, retry: false })
  const order = async (n: number): Promise<{ result: ImageResult } | { error: ImageError }> =>
    pictor.generate({ model: deployment.address, prompt: canary, n, seed: 7 }).then(
      (result) => ({ result }),
      (thrown: unknown) => {
        if (isImageError(thrown)) return { error: thrown }
        throw thrown
      },
    )
  const server: TestServer = await startServer({
    admission,
    metrics,
    tracing,
    authenticate: async () => caller,
    respond: async (_request, { body }) => {
      const { n = 1 } = JSON.parse(Buffer.from(body ?? []).toString()) as { n?: number }
      const call = calls.getStore()
      if (call) Object.assign(call, { group: "pictures", deployment, retries: 1 })
      const made = await order(n)
      return {
        ...json(
          { made: "error" in made ? made.error.code : "images" },
          "error" in made ? 502 : 200,
        ),
        ...made,
      }
    },
  })
  opened.push(server.close)
  return { ...server, spans, metrics }
}

const failing = (failure: ImageError): Transport => ({
  ...echoTransport(),
  invoke: async () => {
    throw failure
  },
})

const everything = async ({
  lines,
  spans,
  metrics,
}: Awaited<ReturnType<typeof start>>): Promise<string> =>
  JSON.stringify(lines) +
  JSON.stringify(
    spans
      .getFinishedSpans()
      .map(({ name, attributes, status, events }) => [name, attributes, status, events]),
  ) +
  (await metrics.page()).text

describe("metrics", () => {
  it("count images, bytes, cost and time by model", async () => {
    const { url, metrics } = await start()
    const body = await post(url, { n: 5 })
    await body.arrayBuffer()
    const { text, contentType } = await metrics.page()
    expect(contentType).toContain("text/plain")
    const line = (name: string): string | undefined =>
      text.split("\n").find((each) => each.startsWith(name))
    expect(line("pictor_images_total")).toBe(
      'pictor_images_total{model="echo-v1",deployment="d-1",provider="bedrock",outcome="delivered"} 5',
    )
    expect(line("pictor_requests_total")).toBe(
      'pictor_requests_total{route="images/generations",status="200"} 1',
    )
    expect(line("pictor_cost_micro_usd_total")).toBe(
      'pictor_cost_micro_usd_total{model="echo-v1",deployment="d-1",provider="bedrock"} 0',
    )
    expect(line("pictor_retries_total")).toBe('pictor_retries_total{model="echo-v1"} 1')
    expect(line("pictor_request_duration_seconds_count")).toBe(
      'pictor_request_duration_seconds_count{route="images/generations",model="echo-v1"} 1',
    )
    expect(line("pictor_provider_call_seconds_count")).toBe(
      'pictor_provider_call_seconds_count{model="echo-v1",deployment="d-1",provider="bedrock",outcome="delivered"} 2',
    )
    expect(line("pictor_overhead_seconds_count")).toBeDefined()
    expect(line("pictor_requests_in_flight")).toBe("pictor_requests_in_flight 0")
    expect(line("nodejs_eventloop_lag_p99_seconds")).toBeDefined()
    expect(Number(line("pictor_provider_bytes_total")?.split(" ")[1])).toBeGreaterThan(500)
  })

  it("count failures by code", async () => {
    const { url, metrics } = await start(
      failing(new ImageError({ code: "rate_limited", message: "Slowly." })),
    )
    await post(url)
    expect((await metrics.page()).text).toContain(
      'pictor_provider_call_seconds_count{model="echo-v1",deployment="d-1",provider="bedrock",outcome="rate_limited"} 1',
    )
  })

  it("have no label of a caller's choice", async () => {
    const { url, metrics } = await start()
    await fetch(`${url}/v1/${canary}`, { method: "POST", body: "{}" })
    await fetch(`${url}/openai/deployments/${canary}/images/edits`, { method: "POST", body: "{}" })
    expect((await metrics.page()).text).not.toContain("zanzibar")
  })

  it("are readable without a key", async () => {
    const { url } = await start()
    const response = await fetch(`${url}/metrics`)
    expect([response.status, await response.text()]).toEqual([
      200,
      expect.stringContaining("# TYPE pictor_images_total counter"),
    ])
  })

  it("count failed ledger operations, not rejections", async () => {
    const failed: unknown[] = []
    const refuse =
      (code: "budget_exceeded" | "invalid_request" | "unavailable") =>
      (..._args: readonly unknown[]) =>
        Promise.reject(new ImageError({ code, message: "No." }))
    const ledger = instrumentLedger(
      {
        ...memoryLedger(),
        reserve: refuse("budget_exceeded"),
        renew: refuse("invalid_request"),
        sent: refuse("unavailable"),
      },
      (...told) => failed.push(told),
    )
    await expect(ledger.reserve({ rows: [] })).rejects.toMatchObject({ code: "budget_exceeded" })
    await expect(ledger.renew("id")).rejects.toMatchObject({ code: "invalid_request" })
    await expect(ledger.sent("id")).rejects.toMatchObject({ code: "unavailable" })
    expect(failed).toMatchObject([["sent", { code: "unavailable" }]])
  })

  it("hide a database failure from the caller", async () => {
    const failed: unknown[] = []
    const broken = (..._args: readonly unknown[]) =>
      Promise.reject(
        new ImageError({
          code: "invalid_request",
          message: "No table in /secret/place.",
          cause: new Error("SQL"),
        }),
      )
    const ledger = instrumentLedger({ ...memoryLedger(), reserve: broken }, (...told) =>
      failed.push(told),
    )
    await expect(ledger.reserve({ rows: [] })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.not.stringContaining("place"),
    })
    expect(failed).toMatchObject([["reserve", { message: "No table in /secret/place." }]])
  })
})

describe("traces", () => {
  it("have a span per request and per provider call, by the GenAI conventions", async () => {
    const { url, spans } = await start()
    await post(
      url,
      {},
      {
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "x-litellm-call-id": "mine",
      },
    )
    const [call, request] = spans.getFinishedSpans()
    expect(request).toMatchObject({
      name: "POST images/generations",
      kind: 1,
      attributes: { "http.response.status_code": 200, "pictor.call.id": "mine" },
    })
    expect(request?.parentSpanContext).toMatchObject({
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
    })
    expect(call?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId)
    expect(call).toMatchObject({
      name: "generate_content echo-v1",
      kind: 2,
      attributes: {
        "gen_ai.operation.name": "generate_content",
        "gen_ai.provider.name": "aws.bedrock",
        "gen_ai.request.model": "echo-v1",
        "gen_ai.output.type": "image",
        "gen_ai.request.seed": 7,
        "gen_ai.response.finish_reasons": ["stop"],
      },
    })
    expect(call?.attributes).not.toHaveProperty("gen_ai.request.choice.count")
  })

  it.each([
    ["bedrock", "aws.bedrock"],
    ["azure", "azure.ai.openai"],
    ["gemini", "gcp.gemini"],
    ["black_forest_labs", "black_forest_labs"],
  ] as const)("name the provider of %s deployments %s", async (family, name) => {
    const { url, spans } = await start(echoTransport(), family)
    await post(url)
    expect(
      spans.getFinishedSpans().map(({ attributes }) => attributes["gen_ai.provider.name"]),
    ).toEqual([name, name])
  })

  it("name the error code", async () => {
    const { url, spans } = await start(
      failing(new ImageError({ code: "forbidden", message: "No access." })),
    )
    await post(url, { n: 2 })
    const [call, request] = spans.getFinishedSpans()
    expect(call).toMatchObject({
      attributes: { "error.type": "forbidden", "gen_ai.request.choice.count": 2 },
      status: { code: 2 },
    })
    expect(request).toMatchObject({
      attributes: { "error.type": "forbidden", "http.response.status_code": 502 },
    })
  })

  it("are exported only if an endpoint is configured", async () => {
    const options = { version: "1", operation: "generate_content" }
    expect(await openTracing({}, options)).toBeUndefined()
    const tracing = await openTracing(
      { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" },
      options,
    )
    expect(tracing).toBeDefined()
    await tracing?.close()
  })
})

describe("the log", () => {
  it("has one line per request, with caller, model, duration and cost", async () => {
    const { url, lines } = await start()
    await post(url, { n: 2 })
    expect(lines.filter(({ msg }) => msg === "request")).toMatchObject([
      {
        id: "id-1",
        method: "POST",
        route: "images/generations",
        status: 200,
        caller: "key",
        keyId: "key-1",
        group: "pictures",
        deployment: "d-1",
        model: "echo-v1",
        retries: 1,
        images: { delivered: 2 },
        cost: { microUsd: 0 },
        bytesIn: 7,
      },
    ])
  })

  it("reports probes at debug level only", async () => {
    const { url, lines } = await start()
    await fetch(`${url}/health/liveness`)
    expect(lines).toMatchObject([{ level: 20, route: "health" }])
  })
})

it("keeps prompts, images and keys out of metrics, traces and log", async () => {
  for (const transport of [
    echoTransport(),
    failing(new ImageError({ code: "timeout", message: "Late.", cause: new Error(canary) })),
  ]) {
    const server = await start(transport)
    await post(server.url, { prompt: canary }, { authorization: `Bearer ${key}` })
    const told = await everything(server)
    expect(told).toContain("echo-v1")
    expect(told).not.toMatch(/zanzibar|iVBORw0KGgo/)
  }
})

describe("health", () => {
  const health = (
    transport: Partial<Transport>,
    over: Partial<Parameters<typeof createHealth>[0]> = {},
  ) =>
    createHealth({
      deployments: [
        deploymentOf({ ...echoTransport(), ...transport }, "bedrock"),
        { ...deploymentOf(echoTransport(), "bedrock"), id: "d-2", group: "others" },
      ],
      lifecycle: () => "active",
      database: async () => undefined,
      now: Date.now,
      ...over,
    })

  it("reports callable deployments without a call", async () => {
    const check = async () =>
      Promise.reject(
        new ImageError({ code: "unauthenticated", message: "No credentials were found." }),
      )
    const invoke = async () => Promise.reject(new Error("nothing may be bought"))
    const server = await startServer({
      health: health(
        { check, invoke },
        { lifecycle: ({ id }) => (id === "d-1" ? "retired" : "active") },
      ),
    })
    opened.push(server.close)
    expect(await (await fetch(`${server.url}/health`)).json()).toEqual({
      healthy_endpoints: [
        {
          model: "echo-v1",
          model_name: "others",
          model_id: "d-2",
          region: "here-1",
          lifecycle: "active",
        },
      ],
      unhealthy_endpoints: [
        {
          model: "echo-v1",
          model_name: "pictures",
          model_id: "d-1",
          region: "here-1",
          lifecycle: "retired",
          warning: "The provider has retired this model; custom and provisioned models continue.",
          error: "No credentials were found.",
        },
      ],
      healthy_count: 1,
      unhealthy_count: 1,
    })
  })

  it.each([
    ["retired", {}, "The provider has retired echo-v1. Set model_id to your custom"],
    ["retired", { modelId: "arn:copy" }, undefined],
    ["retired", { ownEndpoint: true }, undefined],
    ["legacy", {}, undefined],
  ] as const)("reports whether a %s model can be called: %j", async (status, over, error) => {
    const server = await startServer({
      health: createHealth({
        deployments: [{ ...deploymentOf(echoTransport(), "bedrock"), ...over }],
        lifecycle: () => status,
        database: async () => undefined,
        now: Date.now,
      }),
    })
    opened.push(server.close)
    expect(await (await fetch(`${server.url}/health`)).json()).toMatchObject({
      healthy_count: error === undefined ? 1 : 0,
      unhealthy_endpoints:
        error === undefined ? [] : [{ error: expect.stringContaining(error), lifecycle: status }],
    })
  })

  it("warns that a model is a preview", async () => {
    const server = await startServer({ health: health({}, { lifecycle: () => "preview" }) })
    opened.push(server.close)
    expect(await (await fetch(`${server.url}/health`)).json()).toMatchObject({
      healthy_endpoints: Array.from({ length: 2 }, () => ({
        lifecycle: "preview",
        warning: expect.stringContaining("is a preview"),
      })),
    })
  })

  it("shows a key its own models only", async () => {
    const authenticate = async (bearer: string | undefined) => {
      if (bearer === "sk-1") return { ...caller, models: ["others"] }
      throw new ImageError({ code: "unauthenticated", message: "No." })
    }
    const server = await startServer({ health: health({}), authenticate })
    opened.push(server.close)
    const shown = await fetch(`${server.url}/health`, { headers: { authorization: "Bearer sk-1" } })
    expect(await shown.json()).toMatchObject({
      healthy_count: 1,
      healthy_endpoints: [{ model_name: "others" }],
    })
    expect((await fetch(`${server.url}/health`)).status).toBe(401)
  })

  it("checks once in ten seconds", async () => {
    let asked = 0
    let nowMs = 0
    const check = async () => {
      asked += 1
    }
    const checked = health({ check }, { now: () => nowMs })
    await Promise.all([checked.deployments(() => true), checked.deployments(() => true)])
    expect(asked).toBe(1)
    nowMs = 10_000
    await checked.deployments(() => true)
    expect(asked).toBe(2)
  })

  it("is alive but not ready if the database does not answer", async () => {
    const down = await startServer({
      health: health({}, { database: async () => Promise.reject(new Error("secret place")) }),
    })
    const up = await startServer({ health: health({}) })
    opened.push(down.close, up.close)
    const ready = async (url: string): Promise<readonly unknown[]> => {
      const response = await fetch(`${url}/health/readiness`)
      const body: unknown = await response.json()
      return [response.status, body]
    }
    expect(await ready(down.url)).toEqual([
      503,
      { status: "not ready", db: "unreachable", deployments: 2, version: "0.0.0" },
    ])
    expect(await ready(up.url)).toEqual([
      200,
      { status: "healthy", db: "connected", deployments: 2, version: "0.0.0" },
    ])
    for (const path of ["/health/liveness", "/health/liveliness"])
      expect((await fetch(down.url + path)).status).toBe(200)
  })
})

it.each([
  ["/v1/images/generations", "images/generations"],
  ["/openai/deployments/a/b/images/edits", "images/edits"],
  ["/v1/models/amazon.nova-canvas-v1:0", "models"],
  ["/key/generate", "key"],
  ["/../../etc", "other"],
  ["/v1/no-such-route", "other"],
])("labels %s as %s", async (path, route) => {
  const admin = new Hono().post("/key/generate", (context) => context.json({}))
  const { url, lines, close } = await startServer({ admin })
  opened.push(close)
  await fetch(url + path)
  expect(lines).toContainEqual(expect.objectContaining({ msg: "request", route }))
})

it("serves a page of the OpenAPI document that loads nothing from the internet", async () => {
  const server = await startServer()
  opened.push(server.close)
  const page = await fetch(`${server.url}/docs`)
  const text = await page.text()
  expect(page.headers.get("content-security-policy")).toContain("default-src 'self'")
  expect(text).not.toMatch(/https?:/)
  const [, ...linked] = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path)
  for (const path of linked) expect((await fetch(`${server.url}/${path}`)).status).toBe(200)
})
