import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { emptyEnvironment, type Home } from "./__fixtures__/environment.ts"
import { type BedrockOptions, bedrock } from "./index.ts"

const model = "amazon.nova-canvas-v1:0"

let home: Home
beforeEach(() => {
  home = emptyEnvironment()
})
afterEach(() => {
  vi.unstubAllEnvs()
  home.remove()
})

const failureOf = async (options: BedrockOptions = {}): Promise<string> => {
  const transport = bedrock({ region: "us-east-1", ...options })
  const error: unknown = await transport
    .invoke({ model, modelId: model, body: {} })
    .catch((thrown: unknown) => thrown)
  await transport.close?.()
  expect(error).toMatchObject({ code: "unauthenticated", maybeBilled: false })
  return (error as Error).message
}

const process = (name: string, program: string): string =>
  `[profile ${name}]\ncredential_process = ${program}\n`

describe("credentials that fail", () => {
  it.each([
    ["no JSON", "echo hush", "profile p: credential_process did not print JSON"],
    ["no version", "echo {}", 'profile p: credential_process printed no "Version": 1'],
    ["an error", 'sh -c "exit 3"', "the profile's credential_process ended with an error"],
  ])("say what the profile's credential_process answered: %s", async (_, program, answer) => {
    home.write("config", process("p", program))
    const message = await failureOf({ profile: "p" })
    expect(message).toBe(
      `No credentials for ${model}: ${answer}; correct that source, or set another one`,
    )
    expect(message).not.toContain("hush")
  })

  it("name a profile that does not exist, from an option or the environment", async () => {
    expect(await failureOf({ profile: "zzz" })).toContain(
      "profile zzz is in neither of AWS's files, or has no credentials there",
    )
    vi.stubEnv("AWS_PROFILE", "yyy")
    expect(await failureOf()).toMatch(/profile yyy .*is in neither of AWS's files/)
  })

  it("name the profile that a profile's role starts from", async () => {
    home.write(
      "config",
      "[profile p]\nrole_arn = arn:aws:iam::000000000000:role/x\nsource_profile = nope\n",
    )
    expect(await failureOf({ profile: "p" })).toContain("profile nope is in neither")
  })

  it("name the container's endpoint", async () => {
    const server = createServer((_, response) => response.writeHead(404).end("hush"))
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as AddressInfo
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `http://127.0.0.1:${port}/keys`)
    expect(await failureOf()).toContain("the container's credentials endpoint")
    server.close()
  })

  it("list every source only where none is configured", async () => {
    expect(await failureOf()).toContain("were found in the options of bedrock()")
  })
})
