import { readFile } from "node:fs/promises"
import { describe, expect, it } from "vitest"
import {
  gatewaySettings,
  generalSettings,
  keyDefaults,
  keySections,
  litellmParams,
  litellmSettings,
  modelInfo,
  routerSettings,
} from "./schema.ts"

const read = (file: string) => readFile(new URL(`../../docs/${file}`, import.meta.url), "utf8")

/** The text from a heading, or from a table's head, to the next heading. */
const sectionOf = (page: string, start: string): string => {
  const from = page.indexOf(start)
  expect(from, start).toBeGreaterThan(-1)
  return page.slice(from).split(/\n#/, 1)[0] ?? ""
}

const configuration = await read("configuration.md")
const settings = sectionOf(configuration, "## Settings")
const general = settings.slice(settings.indexOf("| `general_settings`"))
const gateway = settings.slice(settings.indexOf("| `gateway_settings`"))

/** The names in the first column of a table. */
const rowsOf = (text: string): readonly string[] =>
  text
    .split("\n\n", 1)[0]
    ?.split("\n")
    .slice(2)
    .flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name))
    .filter((name) => name !== undefined) ?? []

const mentionsIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([\w]+)(?:: [^`]*)?`/g)].flatMap(([, name]) => name ?? [])

const namesOf = ({ shape }: { readonly shape: object }): readonly string[] => Object.keys(shape)

describe("docs/configuration.md", () => {
  it("has a row for each of general_settings, and no other", () => {
    expect(rowsOf(general).toSorted()).toEqual(namesOf(generalSettings).toSorted())
  })

  it("has a row for each of gateway_settings, and no other", () => {
    expect(rowsOf(gateway).toSorted()).toEqual(namesOf(gatewaySettings).toSorted())
  })

  it.each([
    ["litellm_params", [litellmParams, modelInfo], "## Deployments"],
    ["router_settings", [routerSettings], "## Routing"],
    ["litellm_settings", [litellmSettings], "## Routing"],
  ] as const)("names every one of %s", (_, schemas, heading) => {
    const text = `${sectionOf(configuration, heading)}${settings}`
    const missing = schemas.flatMap(namesOf).filter((name) => !mentionsIn(text).includes(name))
    expect(missing).toEqual([])
  })

  it("names the parameters of new keys, and every field that they take", () => {
    const mentions = mentionsIn(settings)
    expect(
      [...keySections, ...namesOf(keyDefaults)].filter((each) => !mentions.includes(each)),
    ).toEqual([])
  })
})
