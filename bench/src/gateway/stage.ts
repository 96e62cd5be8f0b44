import type { ChildProcess } from "node:child_process"
import { answerOf } from "../child.ts"
import type { Meter, Round, Setting, Times, Watch, Watched } from "./messages.ts"
import { freePort, listening, script, startOn } from "./processes.ts"
import type { Family, Size } from "./replies.ts"
import type { Target } from "./targets.ts"

/** The load of one measurement. */
export interface Cell {
  readonly family: Family
  readonly size: Size
  readonly connections: number
  readonly requests: number
  /** Delay of the upstream. */
  readonly latencyMs?: number
  /** Default: CPU. */
  readonly meter?: Meter
}

interface Server {
  readonly measure: (cell: Cell) => Promise<Watched & Times>
  readonly stop: () => void
}

/** The upstream and the load generator of all measurements. */
export interface Stage {
  readonly start: (target: Target) => Promise<Server>
  /** A server with compiled code, shared by all measurements. */
  readonly warm: (target: Target) => Promise<Server>
  readonly close: () => Promise<void>
}

const send = async <Answer>(child: ChildProcess, message: object | string): Promise<Answer> => {
  const answer = answerOf(child)
  child.send(message)
  return (await answer) as Answer
}

export const openStage = async (): Promise<Stage> => {
  const upstream = startOn(1, [script("upstream.ts")])
  const load = startOn(1, [script("load.ts")])
  const url = `http://127.0.0.1:${await answerOf(upstream)}`
  await answerOf(load)
  const run = async (target: Target, port: number, cell: Cell): Promise<Times> => {
    const { family, size, connections, requests, latencyMs = 0 } = cell
    await send(upstream, { size, latencyMs } satisfies Setting)
    const round: Round = {
      family,
      size,
      connections,
      requests,
      port,
      ...target.request(family, url),
    }
    const times = await send<Times | { readonly failed: string }>(load, round)
    if ("failed" in times) throw new Error(`${target.label}: ${times.failed}`)
    return times
  }
  const start = async (target: Target): Promise<Server> => {
    const port = await freePort()
    const child = startOn(
      0,
      ["--import", script("watch.ts"), ...target.words(port, url)],
      target.env,
    )
    await listening(child, port)
    const watch = <Answer>(message: Watch): Promise<Answer> => send<Answer>(child, message)
    const measure = async (cell: Cell): Promise<Watched & Times> => {
      await watch(cell.meter ?? "cpu")
      const times = await run(target, port, cell)
      return { ...(await watch<Watched>("end")), ...times }
    }
    return { measure, stop: () => void child.kill() }
  }
  const warmed = new Map<string, Promise<Server>>()
  const warmUp = async (target: Target): Promise<Server> => {
    const server = await start(target)
    // V8 compiles during these requests, which costs a tenth of their CPU.
    for (const family of target.families)
      await server.measure({ family, size: "50 KB", connections: 16, requests: 10_000 })
    return server
  }
  const warm = (target: Target): Promise<Server> => {
    const server = warmed.get(target.label) ?? warmUp(target)
    warmed.set(target.label, server)
    return server
  }
  const close = async (): Promise<void> => {
    for (const server of await Promise.allSettled(warmed.values()))
      if (server.status === "fulfilled") server.value.stop()
    load.kill()
    upstream.kill()
  }
  return { start, warm, close }
}
