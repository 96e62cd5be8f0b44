import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { createBedrockEmulator } from "@pictor/bedrock-emulator"
import { validate } from "dockerfile-utils"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { parse } from "yaml"
import { print } from "./packed.ts"
import { root } from "./workspace.ts"

const dockerfile = readFileSync(join(root, "apps/gateway/Dockerfile"), "utf8")

/** The text of the only instruction that matches. */
const instruction = (pattern: RegExp): string => {
  const found = [...dockerfile.matchAll(pattern)].map((match) => match[1] ?? "")
  if (found.length !== 1) throw new Error(`${pattern} matches ${found.length} instructions`)
  return found[0] ?? ""
}

const words = (pattern: RegExp): readonly string[] =>
  JSON.parse(instruction(pattern)) as readonly string[]

const folder = mkdtempSync(join(tmpdir(), "pictor-container-"))
const app = join(folder, "app")
const data = join(folder, "data")
const config = join(folder, "config.yaml")
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The command of the image, with the folders of this test in place of the image's. */
const local = (word: string): string =>
  word
    .replace("/nodejs/bin/node", process.execPath)
    .replace(/^\/app(?=\/)/, app)
    .replace("/etc/pictor/config.yaml", config)

const listFiles = (): readonly string[] =>
  readdirSync(app, { recursive: true, withFileTypes: true }).map(
    ({ parentPath, name }) => `${parentPath}/${name}`,
  )

beforeAll(async () => {
  mkdirSync(data)
  const deploy = instruction(/^RUN npx -y pnpm@\S+ (.* deploy .*)$/gm)
    .replace(" /app", ` ${app}`)
    .split(" ")
  await print("pnpm", ["--config.minimumReleaseAge=0", ...deploy, "--offline"], root)
})

const running = async (url: string) => {
  const masterKey = "sk-container-test-1234"
  writeFileSync(
    config,
    JSON.stringify({
      model_list: [
        {
          model_name: "painter",
          litellm_params: {
            model: "bedrock/stability.stable-image-core-v1:1",
            aws_region_name: "us-west-2",
            aws_access_key_id: "emulated",
            aws_secret_access_key: "emulated",
            aws_bedrock_runtime_endpoint: url,
          },
        },
      ],
      general_settings: { master_key: masterKey },
    }),
  )
  const [command = "", ...rest] = [
    ...words(/^ENTRYPOINT (.*)$/gm),
    ...words(/^CMD (.*)$/gm),
    "--port",
    "0",
  ].map(local)
  const gateway = spawn(command, rest, {
    cwd: data,
    env: { NODE_ENV: "production", TMPDIR: data },
    stdio: ["ignore", "pipe", "inherit"],
  })
  const ended = new Promise<number | null>((resolve) => gateway.once("exit", resolve))
  for await (const line of createInterface({ input: gateway.stdout })) {
    const { msg, url: listening } = JSON.parse(line) as { msg?: string; url?: string }
    if (msg === "listening" && listening !== undefined)
      return { ended, masterKey, port: new URL(listening).port, stop: () => gateway.kill() }
  }
  throw new Error(`The gateway ended with ${await ended}.`)
}

describe("the image of the gateway", () => {
  it("has a Dockerfile without a problem", () => {
    expect(validate(dockerfile)).toEqual([])
  })

  it("runs as another user than root", () => {
    expect(instruction(/^USER (.*)$/gm)).toMatch(/^[1-9]\d+:[1-9]\d+$/)
  })

  it("starts, is healthy, makes a picture and writes nothing beside its code", async () => {
    const emulator = await createBedrockEmulator()
    const before = listFiles()
    const { ended, masterKey, port, stop } = await running(emulator.url)
    const [node = "", ...health] = words(/^HEALTHCHECK .* CMD (.*)$/gm).map(local)
    await print(
      node,
      health.map((word) => word.replace(":4000", `:${port}`)),
      data,
    )
    const response = await fetch(`http://127.0.0.1:${port}/v1/images/generations`, {
      method: "POST",
      headers: { authorization: `Bearer ${masterKey}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "painter", prompt: "tea" }),
    })
    expect(await response.json()).toMatchObject({ data: [{ b64_json: expect.any(String) }] })
    stop()
    expect(await ended).toBe(0)
    expect(listFiles()).toEqual(before)
    expect(readdirSync(data)).toEqual(["pictor-data"])
    await emulator.close()
  })

  it("is unhealthy when nothing listens", async () => {
    const [node = "", ...health] = words(/^HEALTHCHECK .* CMD (.*)$/gm).map(local)
    const closed = health.map((word) => word.replace(":4000", ":9"))
    await expect(print(node, closed, data)).rejects.toThrow("failed")
  })
})

describe("compose.yaml", () => {
  const { services } = parse(readFileSync(join(root, "apps/gateway/compose.yaml"), "utf8")) as {
    services: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  }

  it("runs the gateway with a read-only root and without capabilities", () => {
    expect(services["gateway"]).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      depends_on: { postgres: { condition: "service_healthy" } },
    })
  })

  it("holds no secret", () => {
    expect(services["gateway"]?.["environment"]).toMatchObject({
      LITELLM_MASTER_KEY: expect.stringMatching(/^\$\{LITELLM_MASTER_KEY:\?/),
    })
    expect(services["postgres"]?.["environment"]).toMatchObject({
      POSTGRES_PASSWORD: expect.stringMatching(/^\$\{POSTGRES_PASSWORD:\?/),
    })
  })
})
