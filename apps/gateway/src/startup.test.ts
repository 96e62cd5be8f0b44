import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { createFiles, withParams, withSection } from "./config/__fixtures__/files.ts"
import { createCloser } from "./lib/closer.ts"
import { openStartup } from "./startup.ts"

const files = createFiles()
const folder = mkdtempSync(join(tmpdir(), "pictor-startup-"))
afterAll(() => {
  files.remove()
  rmSync(folder, { recursive: true })
})

const startOf = async (file?: string, env = {}) => {
  const config = file === undefined ? undefined : (await files.load(file)).config
  const closer = createCloser()
  return { ...(await openStartup({ config, env, folder }, closer)), close: closer.close }
}

describe("the data of a gateway", () => {
  it("is in pictor-data beside the file unless the file says where", async () => {
    const { databaseUrl, imageFolder, notes } = await startOf(withParams())
    expect(databaseUrl).toBe(`file:${join(folder, "pictor-data/gateway.db")}`)
    expect(imageFolder).toBe(join(folder, "pictor-data/images"))
    expect(existsSync(join(folder, "pictor-data"))).toBe(true)
    expect(notes).toEqual([
      expect.stringContaining("database_url is not set"),
      expect.stringContaining("master_key is not set"),
    ])
  })

  it("is where the file says", async () => {
    const images = await startOf(withSection("gateway_settings", "image_folder: pictures"))
    expect(images.imageFolder).toBe(join(folder, "pictures"))
    const general = withSection(
      "general_settings",
      "database_url: postgres://db/pictor",
      "master_key: sk-master-of-this-test",
    )
    const { databaseUrl, notes } = await startOf(general)
    expect([databaseUrl, notes]).toEqual(["postgres://db/pictor", []])
  })

  it("without a file is in a folder of its own, which goes at the end", async () => {
    const env = { LITELLM_MASTER_KEY: "sk-master-of-this-test" }
    const { databaseUrl, imageFolder, config, notes, close } = await startOf(undefined, env)
    const place = dirname(databaseUrl.slice("file:".length))
    expect([dirname(imageFolder), existsSync(place)]).toEqual([place, true])
    expect(config.general.masterKey).toBe("sk-master-of-this-test")
    expect(notes).toHaveLength(2)
    await close()
    expect(existsSync(place)).toBe(false)
  })
})
