import type { ModelCard, Parameter } from "@pictor/core"
import { describe, expect, it } from "vitest"
import { loadCards } from "./cards.ts"
import { flagsOf } from "./flags.ts"
import { taskCommands } from "./tasks.ts"

const card = (fields: Readonly<Record<string, Parameter>>): ModelCard => ({
  id: "m",
  regions: [],
  lifecycle: { status: "active" },
  tasks: { "text-to-image": { fields } },
  prices: [],
  sources: {},
})

describe("flagsOf", () => {
  it("has a flag for a field that only a card names", () => {
    const cards = [card({ grainSize: { kind: "range", min: 0, max: 5 } })]
    expect(flagsOf(cards, ["text-to-image"])).toEqual([
      {
        name: "grain-size",
        path: ["grainSize"],
        type: "number",
        values: [],
        help: "0 to 5, by model",
      },
    ])
  })

  it("has a flag for every part of an object", () => {
    const fields = { "preserve.pose": { kind: "enum", values: ["on"] } } as const
    const [flag] = flagsOf([card({ garment: { kind: "object", fields } })], ["text-to-image"])
    expect(flag).toMatchObject({ name: "garment-preserve-pose", values: ["on"] })
    expect(flag?.path).toEqual(["garment", "preserve", "pose"])
  })

  it("has the allowed words and the widest range of all cards", () => {
    const cards = [
      card({ quality: { kind: "enum", values: ["low"], synonyms: { draft: "low" } } }),
      card({ quality: { kind: "enum", values: ["high", "low"] } }),
    ]
    expect(flagsOf(cards, ["text-to-image"])[0]?.values).toEqual(["draft", "low", "high"])
  })
})

describe("the commands of tasks", () => {
  it("has a command for every task of every card, and a flag for every field", async () => {
    const cards = await loadCards()
    for (const { id, tasks } of cards)
      for (const [task, taskCard] of Object.entries(tasks)) {
        const command = taskCommands.find((each) => each.task === task)
        expect(command, `${id}: ${task}`).toBeDefined()
        if (!command) continue
        const fields = flagsOf(cards, [command.task]).map(({ path }) => path[0])
        expect(fields).toEqual(expect.arrayContaining(Object.keys(taskCard.fields)))
      }
  })

  it("has only arguments that are fields", async () => {
    const cards = await loadCards()
    for (const { name, task, positionals } of taskCommands) {
      const fields = flagsOf(cards, [task]).map(({ path }) => path[0])
      expect(fields, name).toEqual(expect.arrayContaining([...positionals]))
    }
  })
})
