import { afterEach, describe, expect, it } from "vitest"
import type { RecordedRequest } from "./backend.ts"
import { type EmulatedBedrock, emulated } from "./emulated.ts"

const open: EmulatedBedrock[] = []
const start = async (options: EmulatedBedrock): Promise<string> => {
  const url = await options.endpoint()
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
    const url = await options.endpoint()
    await options.endpoint()
    await options.onClose()
    expect(await answers(url)).toBe(true)
    await options.onClose()
    expect(await answers(url)).toBe(false)
  })

  it("starts another emulator after the last one closed", async () => {
    const options = emulated()
    await options.endpoint()
    await options.onClose()
    expect(await answers(await start(options))).toBe(true)
  })

  it("records requests", async () => {
    const requests: RecordedRequest[] = []
    const url = await start(emulated({ requests }))
    const headers = { authorization: "Bearer any" }
    await fetch(`${url}/model/a.b/invoke`, { method: "POST", headers, body: "{}" })
    expect(requests).toMatchObject([{ modelId: "a.b", body: {} }])
  })

  it("rejects if the port is taken, and starts again later", async () => {
    const url = await start(emulated())
    const options = emulated({ port: Number(new URL(url).port) })
    await expect(options.endpoint()).rejects.toMatchObject({ code: "EADDRINUSE" })
    await open.pop()?.onClose()
    expect(await start(options)).toBe(url)
  })
})
