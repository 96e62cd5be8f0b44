import { monitorEventLoopDelay } from "node:perf_hooks"
import type { Meter, Watch, Watched } from "./messages.ts"

/** Preloaded with `--import` into every measured server. */
const delay = monitorEventLoopDelay({ resolution: 1 })
let cpu = process.cpuUsage()
let restBytes = 0
let peakBytes = 0
let sampling: NodeJS.Timeout | undefined

const sample = (): void => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss())
}

const begin = (meter: Meter): void => {
  // A collection between CPU measurements would discard compiled code.
  if (meter === "memory") globalThis.gc?.()
  restBytes = process.memoryUsage.rss()
  peakBytes = restBytes
  if (meter === "memory") sampling = setInterval(sample, 5)
  delay.reset()
  if (meter === "delay") delay.enable()
  cpu = process.cpuUsage()
}

const end = (): Watched => {
  const { user, system } = process.cpuUsage(cpu)
  delay.disable()
  if (sampling) sample()
  clearInterval(sampling)
  sampling = undefined
  return {
    cpuMs: (user + system) / 1000,
    grownBytes: peakBytes - restBytes,
    delayP99Ms: delay.percentile(99) / 1e6,
  }
}

process.on("message", (watch: Watch) => {
  if (watch !== "end") begin(watch)
  process.send?.(watch === "end" ? end() : "begun")
})
process.on("disconnect", () => process.exit())
