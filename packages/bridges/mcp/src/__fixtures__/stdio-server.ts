import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { serveStdio } from "@modelcontextprotocol/server/stdio"
import { sharpImages } from "@pictor/images"
import { createPictorMcp } from "../server.ts"
import { onEmulator } from "./emulator.ts"

const folder = mkdtempSync(join(tmpdir(), "pictor-mcp-"))
const { pictor } = onEmulator()

serveStdio(
  createPictorMcp({
    pictor,
    imageOps: sharpImages(),
    confirmAboveUsd: 0.03,
    imageStore: {
      put: async (key, image) => writeFileSync(join(folder, key), image.bytes()),
      get: async () => undefined,
      url: async (key) => pathToFileURL(join(folder, key)).href,
    },
  }),
)
process.stdin.once("end", () => {
  void pictor.close()
})
