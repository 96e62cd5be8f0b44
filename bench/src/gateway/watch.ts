import { monitorEventLoopDelay } from "node:perf_hooks"
import type { Meter, Watch, Watched } from "./messages.ts"

/** Preloaded with `--import` into every server that is measured, also into those that are not ours. */
const delay = monitorEventLoopDelay({ resolution: 1 })
let cpu = process.cpuUsage()
let restBytes = 0
let mostBytes = 0
let sampling: NodeJS.Timeout | undefined

const look = (): void => {
  mostBytes = Math.max(mostBytes, process.memoryUsage.rss())
}

const begin = (meter: Meter): void => {
  // Between two runs nothing of a request is left, and a whole collection would throw away what was compiled for it.
  if (meter === "memory") globalThis.gc?.()
  restBytes = process.memoryUsage.rss()
  mostBytes = restBytes
  if (meter === "memory") sampling = setInterval(look, 5)
  delay.reset()
  if (meter === "delay") delay.enable()
  cpu = process.cpuUsage()
}

const end = (): Watched => {
  const { user, system } = process.cpuUsage(cpu)
  delay.disable()
  if (sampling) look()
  clearInterval(sampling)
  sampling = undefined
  return {
    cpuMs: (user + system) / 1000,
    grownBytes: mostBytes - restBytes,
    delayP99Ms: delay.percentile(99) / 1e6,
  }
}

process.on("message", (watch: Watch) => {
  if (watch !== "end") begin(watch)
  process.send?.(watch === "end" ? end() : "begun")
})
process.on("disconnect", () => process.exit())
