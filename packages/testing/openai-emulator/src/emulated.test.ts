import { describe, expect, it } from "vitest"
import { emulated } from "./emulated.ts"

const models = (url: string): Promise<Response> =>
  fetch(`${url}/models`, { headers: { authorization: "Bearer emulated" } })

describe("emulated", () => {
  it("starts one emulator for all clients and closes it with the last one", async () => {
    const options = emulated()
    const [url, again] = await Promise.all([options.baseUrl(), options.baseUrl()])
    expect(again).toBe(url)
    await options.onClose()
    expect((await models(url)).status).toBe(200)
    await options.onClose()
    await expect(models(url)).rejects.toThrow("fetch failed")
  })

  it("starts another emulator after the last client has closed", async () => {
    const options = emulated()
    await options.baseUrl()
    await options.onClose()
    const url = await options.baseUrl()
    expect((await models(url)).status).toBe(200)
    await options.onClose()
  })

  it("has the key that the emulator accepts", () => {
    expect(emulated({ apiKey: "sk-own" }).key).toBe("sk-own")
  })

  it("rejects an unknown option", () => {
    expect(() => emulated({ colour: "red" } as object)).toThrow(/colour/)
  })
})
