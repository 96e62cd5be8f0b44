import type { Middleware } from "@pictor/core"
import type { Style, Terminal } from "@pictor/terminal"
import { isWhole, type Outcome } from "./outcome.ts"

/** Shows the progress of each order: lines that change on a terminal, else a line at each end. */
export interface Progress {
  readonly begin: (index: number) => void
  /** The middleware that reports repeated calls. */
  readonly watch: Middleware
  readonly end: (index: number, outcome: Outcome) => void
  /** Removes the changing lines. */
  readonly stop: () => void
}

interface State {
  readonly model: string
  readonly mark: string
  readonly style: Style
  readonly text: string
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const
const frameMs = 100

export const seconds = (durationMs: number): string => `${(durationMs / 1000).toFixed(2)} s`

const endState = (model: string, outcome: Outcome): State => {
  const delivered = outcome.parts.filter(({ slot }) => slot.status === "delivered").length
  const time = outcome.timeMs === undefined ? "" : ` in ${seconds(outcome.timeMs)}`
  const text = `${delivered} of ${outcome.parts.length || 1} delivered${time}`
  if (isWhole(outcome)) return { model, mark: "✓", style: "green", text }
  const reason = outcome.problems[0]?.split(":", 1)[0] ?? "not sent"
  return { model, mark: "✗", style: "red", text: `${text}, ${reason}` }
}

interface Board {
  readonly changed: (state: State, important: boolean) => void
  readonly stop: () => void
}

/** Lines that are redrawn in place. */
const liveBoard = (states: readonly State[], { note, paint, columns }: Terminal): Board => {
  let frame = 0
  let drawn = false
  const width = Math.max(0, ...states.map(({ model }) => model.length))
  const draw = (): void => {
    frame = (frame + 1) % frames.length
    const lines = states.map(({ model, mark, style, text }) => {
      const shown = `${model.padEnd(width)}  ${text}`.slice(0, columns - 3)
      return `\u001B[2K${paint(style, mark || (frames[frame] ?? ""))} ${shown}\n`
    })
    note(`${drawn ? `\u001B[${states.length}A` : ""}${lines.join("")}`)
    drawn = true
  }
  const timer = setInterval(draw, frameMs)
  timer.unref()
  return {
    changed: draw,
    stop: () => {
      clearInterval(timer)
      if (drawn) note(`\u001B[${states.length}A\u001B[0J`)
    },
  }
}

const plainBoard = ({ note, paint }: Terminal): Board => ({
  changed: ({ model, mark, style, text }, important) => {
    if (important) note(`${paint(style, mark || "…")} ${model}: ${text}\n`)
  },
  stop: () => undefined,
})

/** `models`: the ids of the cards, in the sequence of the orders. */
export const createProgress = (models: readonly string[], terminal: Terminal): Progress => {
  const states: State[] = models.map((model) => ({
    model,
    mark: "·",
    style: "dim",
    text: "waiting",
  }))
  const board = (): Board => {
    opened ??= terminal.redraws ? liveBoard(states, terminal) : plainBoard(terminal)
    return opened
  }
  let opened: Board | undefined
  const change = (index: number, state: State, important: boolean): void => {
    states[index] = state
    board().changed(state, important)
  }
  return {
    begin: (index) =>
      change(
        index,
        { model: models[index] ?? "", mark: "", style: "cyan", text: "calling" },
        false,
      ),
    watch: {
      name: "progress",
      call: (attempt, next) => {
        const { model } = attempt.call
        if (attempt.attempt > 1)
          change(
            models.indexOf(model),
            { model, mark: "", style: "yellow", text: `calling again, attempt ${attempt.attempt}` },
            true,
          )
        return next(attempt)
      },
    },
    end: (index, outcome) => change(index, endState(models[index] ?? "", outcome), true),
    stop: () => opened?.stop(),
  }
}
