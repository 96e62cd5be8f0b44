import { spawnSync } from "node:child_process"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { copyWorkspace } from "./copy.ts"
import { root } from "./workspace.ts"

interface Edit {
  readonly file: string
  readonly replacements: readonly (readonly [old: string, text: string])[]
}

/** What a numbered step of the guide asks for. */
interface Step extends Edit {
  readonly number: number
  /** Which of the guide's tests notices that the step was left out. */
  readonly noticedBy: string
  /** By those of them alone that have the new model's id in their names. */
  readonly named?: true
  /** In a file that an earlier step has edited. */
  readonly beside?: Edit
}

const emulated = "packages/testing/bedrock-emulator/src/models.ts"

const first = "amazon.nova-canvas-v1:0"
const second = "amazon.nova-canvas-v2:0"

const steps: readonly Step[] = [
  {
    number: 1,
    noticedBy: "apps/example/src/across/models.test.ts",
    file: "packages/adapters/nova-canvas/src/models.ts",
    replacements: [
      ["import type { ModelCard }", "import { deriveCard, type ModelCard }"],
      [
        "export const models = [novaCanvas]",
        `export const models = [
  novaCanvas,
  deriveCard(novaCanvas, {
    id: "${second}",
    lifecycle: { status: "active", source: "lifecycle" },
    tasks: { "text-to-image": { fields: { style: { values: [...style.values, "OIL_PAINTING"] } } } },
  }),
]`,
      ],
    ],
  },
  {
    number: 2,
    noticedBy: "apps/example/src/across/prices.test.ts",
    named: true,
    file: "apps/example/src/across/price-list.ts",
    replacements: [[`models: ["${first}"]`, `models: ["${first}", "${second}"]`]],
  },
  {
    number: 3,
    noticedBy: "packages/adapters/nova-canvas",
    file: emulated,
    replacements: [
      [
        "export const models: readonly Model[] = [",
        `export const models: readonly Model[] = [\n  { ...novaCanvas, ids: ["${second}"], label: "Nova Canvas v2" },`,
      ],
    ],
  },
  {
    number: 4,
    noticedBy: "apps/example/src/across/valid-requests.test.ts",
    named: true,
    file: "packages/testing/bedrock-emulator/src/schemas/nova-canvas.ts",
    replacements: [
      [
        "    parameters: tryOnParameters,\n    config: unsized,\n  }),\n}\n",
        `    parameters: tryOnParameters,
    config: unsized,
  }),
}

export const novaCanvas2Schemas: TaskSchemas = {
  ...novaCanvasSchemas,
  TEXT_IMAGE: amazonTask({
    task: "TEXT_IMAGE",
    key: "textToImageParams",
    parameters: closed(
      { ...prompts, ...conditionFields, style: { anyOf: [style, oneOf("OIL_PAINTING")] } },
      ["text"],
      conditionDependencies,
    ),
    config: sized,
  }),
}
`,
      ],
    ],
    beside: {
      file: emulated,
      replacements: [
        ["import { novaCanvasSchemas }", "import { novaCanvas2Schemas, novaCanvasSchemas }"],
        ['label: "Nova Canvas v2" }', 'label: "Nova Canvas v2", schemas: novaCanvas2Schemas }'],
      ],
    },
  },
  {
    number: 5,
    noticedBy: "apps/example/src/across/models.test.ts",
    file: "packages/ledger/src/usage-type.ts",
    replacements: [
      [
        `  "${first}": {`,
        `  "${second}": { name: "NovaCanvas2", brackets: [1024 * 1024, "1024", "2048"] },\n  "${first}": {`,
      ],
    ],
  },
  {
    number: 6,
    noticedBy: "apps/example/src/across/models.test.ts",
    file: "packages/adapters/nova-canvas/README.md",
    replacements: [
      [
        `| \`${first}\` |`,
        `| \`${second}\` | active | 0.04 / 0.06 USD | 0.06 / 0.08 USD |\n| \`${first}\` |`,
      ],
    ],
  },
  {
    number: 7,
    noticedBy: "apps/example/src/across/models.test.ts",
    file: "apps/example/src/providers.ts",
    replacements: [
      [`  "stability.sd3-5-large-v1:0",`, `  "stability.sd3-5-large-v1:0",\n  "${second}",`],
    ],
  },
]

const guide = (() => {
  const text = readFileSync(join(root, "CONTRIBUTING.md"), "utf8")
  const [, section = ""] = /## Add a model in 10 minutes\n([\s\S]*?)\n## /.exec(text) ?? []
  return section.split(/^(?=\d+\. )/m).slice(1)
})()

/** The tests that the guide's last step runs. */
const suite = (/`pnpm vitest run ([^`]+)`/.exec(guide.at(-1) ?? "")?.[1] ?? "").split(" ")

/** Makes the edits of some steps, and returns how to take them back. */
const follow = (folder: string, chosen: readonly Step[]): (() => void) => {
  const before = new Map<string, string>()
  const after = new Map<string, string>()
  const edit = ({ file, replacements }: Edit): void => {
    const path = join(folder, file)
    if (!before.has(path)) before.set(path, readFileSync(path, "utf8"))
    for (const [old, next] of replacements) {
      const text = after.get(path) ?? before.get(path) ?? ""
      expect(text, `${file} has no ${old}`).toContain(old)
      after.set(path, text.replaceAll(old, next))
    }
  }
  const write = (texts: ReadonlyMap<string, string>): void => {
    for (const [path, text] of texts) writeFileSync(path, text)
  }
  for (const step of chosen) {
    edit(step)
    const { beside } = step
    if (beside && chosen.some(({ file }) => file === beside.file)) edit(beside)
  }
  write(after)
  return () => write(before)
}

/** Runs the guide's tests in a copy; a failing run ends at its first failure. */
const passes = (folder: string, files: readonly string[]): boolean => {
  const { status, stdout, stderr } = spawnSync(
    join(root, "node_modules/.bin/vitest"),
    ["run", "--bail", "1", "--reporter", "dot", ...files],
    {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, CI: "1", VITEST: undefined, NO_COLOR: "1" },
    },
  )
  output = `${stdout}\n${stderr}`
  return status === 0
}

let output = ""

const timeout = 600_000

describe("the guide to a new model", { timeout }, () => {
  const folder = copyWorkspace()
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it("names the file of each of its steps", () => {
    expect(guide).toHaveLength(steps.length + 1)
    for (const { number, file } of steps)
      expect(guide[number - 1]).toMatch(new RegExp(`^${number}\\. [\\s\\S]*\`${file}\``))
    expect(suite.length).toBeGreaterThan(0)
  })

  it("adds a model that passes the tests which it names", () => {
    const undo = follow(folder, steps)
    const passed = passes(folder, suite)
    undo()
    expect(passed, output).toBe(true)
  })

  it.each(steps.slice(1))("is noticed by these tests without step $number, $file", (left) => {
    const undo = follow(
      folder,
      steps.filter((step) => step !== left),
    )
    const passed = passes(folder, [left.noticedBy, ...(left.named ? ["-t", second] : [])])
    undo()
    expect(suite).toContain(left.noticedBy)
    expect(passed).toBe(false)
    expect(output).toMatch(/Tests +[1-9]\d* failed/)
  })
})
