import { runCommand } from "../command.ts"
import { gatewayBenchmarks, type World } from "./benchmarks.ts"
import { installPortkey } from "./portkey.ts"
import { pinning } from "./processes.ts"
import { openStage } from "./stage.ts"
import { gateway, parsing, portkey, proxy } from "./targets.ts"

const names = gatewayBenchmarks(proxy, { parsing, portkey: portkey("") }).map(({ name }) => name)

await runCommand<World>({
  name: "pnpm bench:gateway",
  names,
  environment: `${gateway.label}, ${pinning}; `,
  open: async (isSelected) => {
    const isPortkey = names.some((name) => name.startsWith("portkey") && isSelected(name))
    const installed = isPortkey ? await installPortkey() : undefined
    if (installed?.reason) console.log(installed.reason)
    const others = { parsing, ...(installed?.program && { portkey: portkey(installed.program) }) }
    const stage = await openStage()
    const close = async (): Promise<void> => {
      await stage.close()
      await installed?.remove()
    }
    return { world: { stage, gateway }, benchmarks: gatewayBenchmarks(proxy, others), close }
  },
})
