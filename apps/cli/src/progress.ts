import { type Cost, formatUsd } from "@pictor/core"
import type { Terminal } from "@pictor/terminal"

export interface Progress {
  readonly delivered: (images: number, cost: Cost) => void
  /** Removes the line. */
  readonly stop: () => void
}

const frameMs = 100
const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** Elapsed time and cost so far, in a line that is redrawn; without a terminal, nothing. */
export const createProgress = (
  { model, n }: { readonly model: string; readonly n: number },
  { note, paint, columns, redraws }: Terminal,
  now: () => number,
): Progress => {
  if (!redraws) return { delivered: () => undefined, stop: () => undefined }
  const startedMs = now()
  let frame = 0
  let images = 0
  let sum: Cost = { microUsd: 0, maybeMicroUsd: 0, unpricedImages: 0 }
  const draw = (): void => {
    frame = (frame + 1) % frames.length
    const text = `${model}  ${images} of ${n}  ${seconds(now() - startedMs)}  ${formatUsd(sum)} so far`
    note(`\r\u001B[2K${paint("cyan", frames[frame] ?? "")} ${text.slice(0, columns - 3)}`)
  }
  const timer = setInterval(draw, frameMs)
  timer.unref()
  draw()
  return {
    delivered: (more, cost) => {
      images += more
      sum = cost
      draw()
    },
    stop: () => {
      clearInterval(timer)
      note("\r\u001B[2K")
    },
  }
}
