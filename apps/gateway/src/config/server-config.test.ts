import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { loadConfig } from "./load.ts"

let folder = ""
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictor-config-"))
})
afterEach(() => rm(folder, { recursive: true }))

const load = async (settings: string) => {
  const path = join(folder, "config.yaml")
  await writeFile(
    path,
    `model_list:\n  - { model_name: m, litellm_params: { model: bedrock/stability.sd3-5-large-v1:0 } }\n${settings}`,
  )
  return loadConfig(path, { AWS_REGION: "us-west-2" })
}

describe("gateway_settings", () => {
  it("configure the server", async () => {
    const { config, warnings } = await load(`gateway_settings:
  public_url: https://images.example.com/
  trust_proxy: true
  image_folder: ./pictures
  image_link_time: 600
  image_keep_time: "7200"
  image_hosts: [images.example.com, "*.cdn.example.com"]
  max_held_mb: 2
  max_held_mb_per_key: 1
  receive_timeout: 10
  send_timeout: 0.5
  drain_timeout: 0
  trace_operation: image_generation
`)
    expect(warnings).toEqual([])
    expect(config.server).toEqual({
      publicUrl: "https://images.example.com",
      trustProxy: true,
      imageFolder: "./pictures",
      imageLinkMs: 600_000,
      imageKeepMs: 7_200_000,
      imageHosts: ["images.example.com", "*.cdn.example.com"],
      maxBytes: 2_097_152,
      maxBytesPerKey: 1_048_576,
      receiveMs: 10_000,
      sendMs: 500,
      drainMs: 0,
      traceOperation: "image_generation",
    })
  })

  it("may be absent", async () => {
    expect((await load("")).config.server).toEqual({})
  })

  it("cause a warning with the nearest name if unknown", async () => {
    const { warnings } = await load("gateway_settings: { image_host: [a.example] }\n")
    expect(warnings.join("\n")).toContain(
      "gateway_settings.image_host is unknown and ignored. The nearest name is image_hosts",
    )
  })

  it("are rejected if invalid", async () => {
    await expect(
      load("gateway_settings: { send_timeout: soon, public_url: here }\n"),
    ).rejects.toThrow(/send_timeout[\s\S]*public_url|public_url[\s\S]*send_timeout/)
  })
})
