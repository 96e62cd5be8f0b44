import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"

const start = (...flags: readonly string[]): ChildProcess =>
  spawn(process.execPath, [
    "--conditions=@pictor/source",
    fileURLToPath(new URL("cli.ts", import.meta.url)),
    ...flags,
  ])

const ended = async (
  child: ChildProcess,
): Promise<{ readonly code: unknown; readonly output: string }> => {
  let output = ""
  child.stdout?.on("data", (text) => (output += text))
  child.stderr?.on("data", (text) => (output += text))
  const closing: readonly unknown[] = await once(child, "close")
  return { code: closing[0], output }
}

describe("the command", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "prints its URL, serves, and ends on %s",
    async (signal) => {
      const child = start("--port", "0", "--fault", "rate-limit;retry=2")
      const end = ended(child)
      const printed: readonly unknown[] =
        child.stdout === null ? [] : await once(child.stdout, "data")
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(String(printed[0]))?.[0] ?? ""
      const headers = { authorization: "Bearer emulated" }
      const reply = await fetch(`${url}/v1/images/generations`, {
        method: "POST",
        headers,
        body: "{}",
      })
      expect([reply.status, reply.headers.get("retry-after")]).toEqual([429, "2"])
      child.kill(signal)
      const { code, output } = await end
      expect(code).toBe(0)
      expect(output).toContain(`OPENAI_BASE_URL=${url}/v1`)
    },
  )

  test("prints its help", async () => {
    const { code, output } = await ended(start("--help"))
    expect(code).toBe(0)
    expect(output).toContain(
      'openai-emulator --port 4567 --latency 300 --fault "rate-limit;times=1;retry=1"',
    )
  })

  test.each([
    [["--port", "many"], '--port must be a whole number, not "many".'],
    [["--fault", "rate"], '--fault "rate" has an unknown kind or setting.'],
    [["--colour"], "--colour"],
  ])("rejects %j", async (flags, words) => {
    const { code, output } = await ended(start(...flags))
    expect(code).toBe(2)
    expect(output).toContain(words)
  })
})
