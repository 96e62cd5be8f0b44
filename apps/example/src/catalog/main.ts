import type { ImageAdapter } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { novaCanvas } from "@pictor/nova-canvas"
import { sd3 } from "@pictor/sd3"
import { stabilitySdxl } from "@pictor/stability-sdxl"
import { stabilityServices } from "@pictor/stability-services"
import { titan } from "@pictor/titan"
import { checkCatalog } from "./check.ts"

const nowhere: Transport = {
  name: "nowhere",
  invoke: () => Promise.reject(new Error("a card needs no network")),
}
const families: readonly ImageAdapter[] = [
  stabilitySdxl(nowhere),
  sd3(nowhere),
  titan(nowhere),
  novaCanvas(nowhere),
  stabilityServices(nowhere),
]

process.exitCode = await checkCatalog(
  process.argv.slice(2),
  families.flatMap(({ models }) => models),
  (line) => process.stdout.write(`${line}\n`),
)
