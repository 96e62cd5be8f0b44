import { formatUsd, type JsonObject, type Plan } from "@pictor/core"
import { type Row, renderTable, type Style } from "@pictor/terminal"
import type { Command } from "commander"
import type { Cli } from "../cli.ts"
import { exitCodes } from "../exit-codes.ts"
import type { TaskCommand } from "../tasks.ts"
import { configureTask } from "./task.ts"

const longest = 30

const show = (value: unknown): string => {
  if (value instanceof Uint8Array) return `${value.length.toLocaleString("en-US")} bytes`
  if (Array.isArray(value) && value.some((each) => each instanceof Uint8Array))
    return `${value.length} pictures`
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "")
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}

const styles: Readonly<Record<string, Style>> = {
  kept: "dim",
  mapped: "cyan",
  split: "cyan",
  snapped: "yellow",
  clamped: "yellow",
  dropped: "red",
}

/** What was asked for, and what is sent. Fields of the request come first. */
const rowsOf = (request: JsonObject, { changes }: Plan): readonly Row[] => {
  const changed = new Set(changes.map(({ field }) => field))
  const kept = Object.entries(request)
    .filter(([field]) => !changed.has(field))
    .map(([field, value]) => ({ field, action: "kept", from: value, to: value, why: "" }))
  return [...kept, ...changes].map(({ field, action, from, to, why }) => ({
    mark: { text: action === "dropped" ? "-" : action === "kept" ? " " : "~" },
    lines: [
      [
        { text: field },
        { text: show(from) },
        { text: to === undefined ? "—" : show(to) },
        { text: action, ...(styles[action] && { style: styles[action] }) },
      ],
    ],
    ...(why !== "" && { notes: [{ text: why, style: "dim" as const }] }),
  }))
}

const callsText = ({ calls, n }: Plan): string => {
  const list = calls.map(
    ({ slots, seed, modelId }, index) =>
      `  ${index + 1}. ${modelId}: ${slots.length} of ${n}${seed === undefined ? "" : `, seed ${seed}`}\n`,
  )
  return `${calls.length} call${calls.length === 1 ? "" : "s"}\n${list.join("")}`
}

const estimateText = ({ estimate }: Plan): string => {
  const likely =
    estimate.likelyMicroUsd === undefined
      ? ""
      : `, usually ${formatUsd({ microUsd: estimate.likelyMicroUsd, maybeMicroUsd: 0, unpricedImages: 0 })}`
  return `${estimate.basis ? "At most " : ""}${formatUsd(estimate)}${likely}. Nothing was sent.\n`
}

/** The plan as JSON, without the bytes of pictures. */
const planJson = (plan: Plan): string => {
  const { calls, ...rest } = plan
  const small = calls.map(({ body: _body, ...call }) => call)
  return `${JSON.stringify({ ...rest, calls: small }, (key, value: unknown) => (key === "base64" ? undefined : value), 2)}\n`
}

/** `pictor plan`: what a command would send and cost. */
export const configurePlan = (
  command: Command,
  task: TaskCommand,
  cli: Cli,
  end: (code: number) => void,
): Promise<void> => {
  command.option("--json", "print the plan as JSON")
  return configureTask(command, task, { cli, records: false }, async (asked) => {
    const { plan, values, request } = asked
    const { print, note, columns, paint } = cli.terminal
    if (values["json"]) print(planJson(plan))
    else {
      const { task: _task, ...fields } = request
      const table = {
        columns: [
          { title: "field" },
          { title: "asked", flexible: true as const },
          { title: "sent" },
          { title: "how" },
        ],
        rows: rowsOf(fields, plan),
      }
      print(`${paint("bold", plan.model)}, ${plan.task}\n`)
      print(`${renderTable(table, columns, paint).join("\n")}\n\n`)
      print(callsText(plan))
      for (const warning of plan.warnings) note(`${paint("yellow", "warning")}: ${warning}\n`)
      print(estimateText(plan))
    }
    end(exitCodes.success)
  })
}
