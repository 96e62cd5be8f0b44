import { describe, expect, it } from "vitest"
import { post, small, start } from "./__fixtures__/emulator.ts"
import { faultKinds, parseFault } from "./faults.ts"

const send = async (fault: string) => {
  const emulator = await start()
  const reply = await fetch(`${emulator.url}/v1/images/generations`, {
    method: "POST",
    headers: {
      authorization: "Bearer any",
      "content-type": "application/json",
      "x-emulator-fault": fault,
    },
    body: JSON.stringify({ ...small, n: 2 }),
  })
  return { emulator, reply }
}

describe("a fault", () => {
  it.each(faultKinds)("may be %s", (kind) => {
    expect(parseFault(kind)).toEqual({ kind })
  })

  it("is reported if it is unknown", async () => {
    const { reply } = await send("flood")
    expect(reply.status).toBe(400)
    expect(await reply.text()).toContain("The emulator knows no such fault")
  })

  it("delivers fewer pictures than n and bills those", async () => {
    const { emulator, reply } = await send("missing-images")
    expect(await reply.json()).toMatchObject({ data: [{}], usage: { output_tokens: 196 } })
    expect(emulator.bill).toMatchObject([{ images: 1 }])
  })

  it("leaves the usage out and bills it", async () => {
    const { emulator, reply } = await send("no-usage")
    expect(await reply.json()).not.toHaveProperty("usage")
    expect(emulator.bill).toMatchObject([{ usage: { output_tokens: 392 } }])
  })

  it("breaks the JSON", async () => {
    const { reply } = await send("malformed")
    await expect(reply.json()).rejects.toThrow(SyntaxError)
  })

  it("cuts the body", async () => {
    const { emulator, reply } = await send("cut")
    await expect(reply.text()).rejects.toThrow("terminated")
    expect(emulator.bill).toHaveLength(1)
  })

  it("answers as a proxy and bills nothing", async () => {
    const { emulator, reply } = await send("html-502")
    expect([reply.status, reply.headers.get("content-type")]).toEqual([502, "text/html"])
    expect(emulator.bill).toEqual([])
  })

  it.each(["slow-first-byte;ms=20", "slow-body;ms=2"])(
    "delivers the whole of %s",
    async (fault) => {
      const { reply } = await send(fault)
      expect(await reply.json()).toMatchObject({ data: [{}, {}] })
    },
  )

  it("never answers, until the emulator closes", async () => {
    const emulator = await start({ faults: [{ kind: "timeout" }] })
    const pending = post(emulator, small).catch(() => "closed")
    while (emulator.bill.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await emulator.close()
    expect(await pending).toBe("closed")
  })

  it("applies to one model", async () => {
    const emulator = await start({ faults: [{ kind: "internal", model: "gpt-image-1.5" }] })
    const statuses = [
      (await post(emulator, small)).status,
      (await post(emulator, { ...small, model: "gpt-image-1.5" })).status,
    ]
    expect(statuses).toEqual([200, 500])
  })
})
