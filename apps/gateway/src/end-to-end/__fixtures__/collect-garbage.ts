import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

// Preloaded into a gateway's process: collects garbage and reports the memory.
setFlagsFromString("--expose_gc")
const collect = runInNewContext("gc") as () => void

let count = 0
process.on("SIGUSR2", () => {
  collect()
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  const peak = process.resourceUsage().maxRSS * 1024
  process.stderr.write(`memory ${++count}: ${heapUsed} ${external} ${rss} ${peak}\n`)
})
