import { afterEach, describe, expect, it } from "vitest"
import { calls } from "../request-context.ts"
import { json, post, startServer, type TestServer, type World } from "./__fixtures__/server.ts"

const servers: TestServer[] = []

const start = async (world: World): Promise<TestServer> => {
  const server = await startServer(world)
  servers.push(server)
  return server
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ close }) => close()))
})

describe("x-litellm-num-retries", () => {
  const askedWith = async (
    headers: Readonly<Record<string, string>>,
    ofBody?: number,
  ): Promise<unknown> => {
    const { url } = await start({
      respond: async (_request, { onRetries }) => {
        if (ofBody !== undefined) onRetries?.(ofBody)
        return json(calls.getStore()?.requestedRetries ?? null)
      },
    })
    return (await post(url, {}, headers)).json()
  }

  it("takes precedence over num_retries of the body", async () => {
    expect(await askedWith({})).toBe(null)
    expect(await askedWith({ "x-litellm-num-retries": "0" })).toBe(0)
    expect(await askedWith({}, 2)).toBe(2)
    expect(await askedWith({ "x-litellm-num-retries": "1" }, 2)).toBe(1)
  })

  it.each(["-1", "1.5", "many", "9".repeat(30)])("rejects %s", async (value) => {
    const error = { code: "invalid_num_retries", param: "x-litellm-num-retries" }
    expect(await askedWith({ "x-litellm-num-retries": value })).toMatchObject({ error })
  })
})

describe("LiteLLM headers", () => {
  const ignoredOf = async (headers: Readonly<Record<string, string>>) => {
    const { url } = await start({})
    const answer = await post(url, {}, headers)
    return [answer.status, answer.headers.get("x-pictor-ignored-headers")]
  }

  it("without effect are listed in the answer", async () => {
    expect(
      await ignoredOf({ "x-litellm-stream-timeout": "5", "x-litellm-disable-callbacks": "all" }),
    ).toEqual([200, "x-litellm-stream-timeout, x-litellm-disable-callbacks"])
  })

  it("with an effect are not listed", async () => {
    const honoured = {
      "x-litellm-timeout": "5",
      "x-litellm-tags": "a",
      "x-litellm-num-retries": "1",
      "x-litellm-enable-message-redaction": "true",
    }
    expect(
      await ignoredOf({
        ...honoured,
        "x-litellm-end-user-id": "ann",
        "x-litellm-call-id": "c",
        "x-stainless-lang": "js",
      }),
    ).toEqual([200, null])
  })

  it("are listed up to ten", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`x-litellm-odd-${index}`, "1"]),
    )
    expect(String((await ignoredOf(many))[1]).split(", ")).toHaveLength(10)
  })
})

describe("x-litellm-model-group", () => {
  it.each([
    ["pictures", "pictures"],
    ["g".repeat(501), "g".repeat(500)],
    ["Bilder für alle", "Bilder%20f%C3%BCr%20alle"],
  ])("is a configured name as printable text of bounded length: %s", async (group, shown) => {
    const { url } = await start({
      respond: async () => {
        const call = calls.getStore()
        if (call) call.group = group
        return json({})
      },
    })
    expect((await post(url)).headers.get("x-litellm-model-group")).toBe(shown)
  })
})

describe("image_generation_model", () => {
  it("is the model of every request", async () => {
    const { url } = await start({
      imageModel: "nova",
      respond: async (_request, { model }) => json(model ?? null),
    })
    expect(await (await post(url, { model: "core" })).json()).toBe("nova")
  })
})

describe("a header of user_header_name or user_header_mappings", () => {
  it("names the end user, after LiteLLM's own headers", async () => {
    const { url } = await start({
      settings: { endUserHeaders: ["x-openwebui-user-id", "x-litellm-user"] },
      respond: async (_request, { account }) => json(account?.endUser ?? null),
    })
    const ask = async (headers: Readonly<Record<string, string>>) => {
      const answer = await post(url, {}, headers)
      return [(await answer.json()) as unknown, answer.headers.get("x-pictor-ignored-headers")]
    }
    expect(await ask({ "X-OpenWebUI-User-Id": "ann" })).toEqual(["ann", null])
    expect(await ask({ "x-openwebui-user-id": "ann", "x-litellm-customer-id": "bob" })).toEqual([
      "bob",
      null,
    ])
    expect(await ask({ "x-openwebui-user-id": "", "x-litellm-user": "cid" })).toEqual(["cid", null])
    const long = await post(url, {}, { "x-openwebui-user-id": "a".repeat(501) })
    expect(await long.json()).toMatchObject({
      error: { code: "invalid_end_user", param: "x-openwebui-user-id" },
    })
  })
})
