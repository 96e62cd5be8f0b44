import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { root } from "./workspace.ts"

interface Workflow {
  readonly permissions: object
  readonly jobs: Readonly<
    Record<
      string,
      { readonly permissions?: object; readonly steps: readonly { readonly run: string }[] }
    >
  >
}

const workflow = (name: string): Workflow =>
  parse(readFileSync(join(root, ".github/workflows", name), "utf8")) as Workflow

describe("the release workflow", () => {
  const { permissions, jobs } = workflow("release.yml")

  it("may ask npm for provenance, and holds no token of npm", () => {
    expect(permissions).toEqual({ contents: "read" })
    expect(jobs["release"]?.permissions).toMatchObject({ "id-token": "write" })
    expect(JSON.stringify(jobs)).not.toMatch(/NPM_TOKEN|NODE_AUTH_TOKEN/)
  })

  it("publishes nothing before the whole verification has passed", () => {
    const commands = jobs["release"]?.steps.map(({ run }) => run) ?? []
    const at = (text: string): number => commands.findIndex((command) => command.includes(text))
    expect(at(".ci/run")).toBeGreaterThan(0)
    expect(at("changeset publish")).toBeGreaterThan(at(".ci/run"))
  })
})

describe("the workflow of pull requests", () => {
  it("may read only", () => {
    const { permissions, jobs } = workflow("ci.yml")
    expect(permissions).toEqual({ contents: "read" })
    expect(Object.values(jobs).filter((job) => job.permissions)).toEqual([])
  })
})
