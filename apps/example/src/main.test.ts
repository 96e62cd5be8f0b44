import { execFile } from "node:child_process"
import { readdir, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { temporaryFolder } from "./__fixtures__/world.ts"

const main = join(import.meta.dirname, "main.ts")

interface Ended {
  readonly code: number
  readonly output: string
}

const start = (
  args: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<Ended> =>
  new Promise((resolve) => {
    const command = [
      "--conditions=@pictor/source",
      "--disable-warning=ExperimentalWarning",
      main,
      ...args,
    ]
    const env = { PATH: process.env["PATH"], HOME: folder, ...environment }
    const child = execFile(process.execPath, command, { cwd: folder, env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    )
  })

/** A server that must not be called; counts who calls all the same. */
const createTrap = async (): Promise<{ readonly url: string; readonly calls: () => number }> => {
  let calls = 0
  const server = createServer((socket) => {
    calls += 1
    socket.on("error", () => undefined)
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("The trap has no port")
  return { url: `http://127.0.0.1:${address.port}`, calls: () => calls }
}

const keys = { AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" }

describe("main", { timeout: 60_000 }, () => {
  it("keeps to the emulators whatever the environment says of providers", async () => {
    const [folder, trap] = [await temporaryFolder(), await createTrap()]
    const config = join(folder, "config")
    const touched = join(folder, "touched")
    await writeFile(
      config,
      `[profile trap]\nregion = us-east-1\nendpoint_url = ${trap.url}\ncredential_process = touch ${touched}\n`,
    )
    const hostile = {
      AWS_PROFILE: "trap",
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: config,
      AWS_BEARER_TOKEN_BEDROCK: "a-token",
      AWS_ENDPOINT_URL: trap.url,
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: trap.url,
      AWS_BEDROCK_RUNTIME_ENDPOINT: trap.url,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: trap.url,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: trap.url,
      AWS_DEFAULTS_MODE: "auto",
      AWS_RETRY_MODE: "none",
      AWS_MAX_ATTEMPTS: "x",
      AWS_USE_FIPS_ENDPOINT: "true",
      AWS_REGION: "nowhere-1",
      NODE_USE_ENV_PROXY: "1",
      HTTP_PROXY: trap.url,
      HTTPS_PROXY: trap.url,
      OPENAI_API_KEY: "a-key",
      OPENAI_BASE_URL: trap.url,
      GEMINI_API_KEY: "a-key",
      GOOGLE_GEMINI_BASE_URL: trap.url,
      BFL_API_KEY: "a-key",
    }
    const { code, output } = await start([], folder, hostile)
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringContaining("total: 15 of 15 pictures"),
    })
    expect(trap.calls()).toBe(0)
    expect(await readdir(folder)).toEqual(["config", "out"])
  })

  it("heeds the environment with --live alone", async () => {
    const [folder, trap] = [await temporaryFolder(), await createTrap()]
    const environment = {
      ...keys,
      AWS_ENDPOINT_URL: trap.url,
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: trap.url,
    }
    const { code } = await start(
      ["--live", "--yes", "--model", "stability.stable-image-core-v1:1"],
      folder,
      environment,
    )
    expect(code).toBe(1)
    expect(trap.calls()).toBeGreaterThan(0)
  })

  it("asks nobody and sends nothing where its input is no terminal", async () => {
    const [folder, trap] = [await temporaryFolder(), await createTrap()]
    const { code, output } = await start(["--live"], folder, {
      ...keys,
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: trap.url,
    })
    expect({ code, output }).toMatchObject({ code: 4, output: expect.stringContaining("--yes") })
    expect(trap.calls()).toBe(0)
  })
})
