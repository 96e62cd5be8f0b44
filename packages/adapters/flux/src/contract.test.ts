import { describeAdapter } from "@pictor/adapter-contract"
import { emulated } from "@pictor/flux-emulator"
import { http } from "@pictor/http"
import { afterAll } from "vitest"
import { contract } from "./__fixtures__/contract.ts"
import { quickFlux } from "./__fixtures__/quick-flux.ts"

const { invoke, close } = http({ ...emulated({ jobMs: 0 }), pollsPerSecond: 1000 })

afterAll(() => close?.())

describeAdapter("flux", { ...contract, create: quickFlux, provider: invoke })
