import { afterEach, describe, expect, it } from "vitest"
import { type EmulatedFlux, emulated } from "./emulated.ts"
import type { RecordedRequest } from "./requests.ts"

const open: EmulatedFlux[] = []
const start = async (options: EmulatedFlux): Promise<string> => {
  const url = await options.baseUrl()
  open.push(options)
  return url
}
afterEach(async () => {
  for (const options of open.splice(0)) await options.onClose()
})

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  )

describe("emulated", () => {
  it("starts one emulator for all clients", async () => {
    const options = emulated()
    const urls = await Promise.all([start(options), start(options)])
    expect(urls[0]).toBe(urls[1])
    expect(await start(emulated())).not.toBe(urls[0])
  })

  it("closes the emulator with the last client that used it", async () => {
    const options = emulated()
    const url = await options.baseUrl()
    await options.baseUrl()
    await options.onClose()
    expect(await answers(url)).toBe(true)
    await options.onClose()
    expect(await answers(url)).toBe(false)
  })

  it("starts another emulator after the last one closed", async () => {
    const options = emulated()
    await options.baseUrl()
    await options.onClose()
    expect(await answers(await start(options))).toBe(true)
  })

  it("has a valid key and the address before the endpoint", async () => {
    const requests: RecordedRequest[] = []
    const options = emulated({ requests, keys: ["one", "two"] })
    const url = await start(options)
    const answer = await fetch(`${url}/flux-2-pro`, {
      method: "POST",
      headers: { "x-key": options.key },
      body: JSON.stringify({ prompt: "a lighthouse" }),
    })
    expect([answer.status, requests.length]).toEqual([200, 1])
  })

  it("rejects if the port is taken, and starts again later", async () => {
    const url = await start(emulated())
    const options = emulated({ port: Number(new URL(url).port) })
    await expect(options.baseUrl()).rejects.toMatchObject({ code: "EADDRINUSE" })
    await open.pop()?.onClose()
    expect(await start(options)).toBe(url)
  })

  it("rejects unknown options at once", () => {
    expect(() => emulated({ colour: 1 } as object)).toThrow("emulated")
  })
})
