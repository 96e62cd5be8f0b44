import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { at } from "@pictor/emulator-kit"
import { describe, expect, it } from "vitest"
import { ended, order, poll, pollingUrl, sampleOf } from "./__fixtures__/client.ts"

const start = (...flags: readonly string[]): ChildProcess =>
  spawn(process.execPath, [
    "--conditions=@pictor/source",
    fileURLToPath(new URL("cli.ts", import.meta.url)),
    ...flags,
  ])

const finished = async (
  child: ChildProcess,
): Promise<{ readonly code: unknown; readonly output: string }> => {
  let output = ""
  child.stdout?.on("data", (text) => (output += text))
  child.stderr?.on("data", (text) => (output += text))
  const closing: readonly unknown[] = await once(child, "close")
  return { code: closing[0], output }
}

const urlOf = async (child: ChildProcess): Promise<string> => {
  const printed: readonly unknown[] = child.stdout === null ? [] : await once(child.stdout, "data")
  return /http:\/\/127\.0\.0\.1:\d+/.exec(String(printed[0]))?.[0] ?? ""
}

const free = ["--port", "0", "--sample-port", "0"]

/** A process that polls and downloads, and prints how many bytes it got. */
const downloader = `
const [url] = process.argv.slice(1)
for (;;) {
  const reply = await (await fetch(url, { headers: { "x-key": "k" } })).json()
  if (reply.status !== "Ready") continue
  console.log((await (await fetch(reply.result.sample)).bytes()).length)
  break
}`

describe("the command", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "prints its URL, serves, and ends on %s",
    async (signal) => {
      const child = start(...free, "--fault", "unavailable;retry=2", "--key", "k")
      const end = finished(child)
      const url = await urlOf(child)
      const refused = await order({ url }, "flux-2-pro", { prompt: "Fog" })
      const reply = await order({ url }, "flux-2-pro", { prompt: "Fog" }, { "x-key": "k" })
      expect([refused.status, reply.status, reply.headers.get("retry-after")]).toEqual([
        403,
        503,
        "2",
      ])
      child.kill(signal)
      const { code, output } = await end
      expect(code).toBe(0)
      expect(output).toContain(`curl ${url}/v1/flux-2-pro`)
    },
  )

  it("serves several processes, whose jobs outlive them", async () => {
    const emulator = start(...free, "--pending-polls", "3")
    const end = finished(emulator)
    const url = await urlOf(emulator)
    const submitted = await order({ url }, "flux-2-pro", { prompt: "Fog", width: 64, height: 64 })
    const polling = (script: string) =>
      spawn(process.execPath, ["--input-type=module", "-e", script, pollingUrl(submitted)])
    const killed = polling(downloader.replace("continue", "process.kill(process.pid, 'SIGKILL')"))
    const closing: readonly unknown[] = await once(killed, "close")
    expect(closing[1]).toBe("SIGKILL")
    const others = await Promise.all([finished(polling(downloader)), finished(polling(downloader))])
    const size = (await (await fetch(sampleOf(await ended(submitted)))).bytes()).length
    expect(others.map(({ output }) => output.trim())).toEqual([String(size), String(size)])
    const bill = await poll(`${url}/emulator/bill`)
    expect(at(bill.body, "entries")).toMatchObject([{ state: "charged", downloads: 3 }])
    emulator.kill("SIGTERM")
    expect((await end).code).toBe(0)
  })

  it("lets the clock move jobs on", async () => {
    const child = start(...free, "--job", "3600000", "--sample", "1000", "--credits", "4")
    const end = finished(child)
    const url = await urlOf(child)
    const submitted = await order({ url }, "flux-2-pro", { prompt: "Fog" })
    expect((await order({ url }, "flux-2-pro", { prompt: "Fog" })).status).toBe(402)
    expect(at((await ended(submitted)).body, "status")).toBe("Pending")
    const body = '{"advanceMs":3600000}'
    await fetch(`${url}/emulator/clock`, { method: "POST", body })
    expect(at((await poll(pollingUrl(submitted))).body, "status")).toBe("Ready")
    child.kill("SIGTERM")
    expect((await end).code).toBe(0)
  })

  it("prints its help", async () => {
    const { code, output } = await finished(start("--help"))
    expect(code).toBe(0)
    expect(output).toContain("flux-emulator --port 4568 --job 3000")
  })

  it.each([
    [["--port", "many"], '--port must be a whole number, not "many".'],
    [["--fault", "flood"], '--fault "flood" has an unknown kind or setting.'],
    [["--job", "1", "--pending-polls", "1"], "--job and --pending-polls exclude each other."],
    [["--colour"], "--colour"],
  ])("rejects %j", async (flags, words) => {
    const { code, output } = await finished(start(...flags))
    expect(code).toBe(2)
    expect(output).toContain(words)
  })
})
