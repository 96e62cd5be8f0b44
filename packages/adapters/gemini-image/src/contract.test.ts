import { describeAdapter } from "@pictor/adapter-contract"
import { emulated } from "@pictor/gemini-emulator"
import { http } from "@pictor/http"
import { afterAll } from "vitest"
import { contract } from "./__fixtures__/contract.ts"
import { geminiImage, vertexGeminiImage } from "./index.ts"

const factories = { gemini: geminiImage, vertex: vertexGeminiImage } as const

for (const api of ["gemini", "vertex"] as const) {
  const { invoke: provider, close } = http(emulated({ api }))
  afterAll(() => close?.())
  describeAdapter(`gemini-image on ${api}`, { ...contract, create: factories[api], provider })
}
