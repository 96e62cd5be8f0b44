import { setFlagsFromString } from "node:v8"
import { runGateway } from "./cli/command.ts"

// External buffers count against the growth that triggers a major collection. With the small heap
// of a gateway, V8 marked the whole heap every 150 requests, an eighth of the CPU.
setFlagsFromString("--heap-growing-percent=100")

await runGateway(process.argv.slice(2))
