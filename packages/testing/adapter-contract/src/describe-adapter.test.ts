import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { contract } from "./__fixtures__/mini.ts"
import { describeAdapter } from "./describe-adapter.ts"
import { sentences } from "./sentences.ts"
import { skipMistakes } from "./skips.ts"
import { transportSentences } from "./transport/sentences.ts"

describeAdapter("mini", {
  ...contract,
  skip: { "abort-before": "shows that a clause can be skipped" },
})

test.each([
  { name: "nothing is skipped", skip: undefined, expected: [] },
  {
    name: "a clause is skipped with a reason",
    skip: { "card-ids": "its ids are made by the caller" },
    expected: [],
  },
  {
    name: "a reason is blank",
    skip: { "card-ids": " " },
    expected: ["card-ids is skipped without a reason"],
  },
  {
    name: "a clause does not exist",
    skip: { "card-id": "no such thing" },
    expected: ["there is no clause card-id"],
  },
])("skipping is checked: $name", ({ skip, expected }) => {
  expect(skipMistakes(skip === undefined ? {} : { skip })).toEqual(expected)
})

test.each([
  { header: "| clause |", clauses: sentences },
  { header: "| transport clause |", clauses: transportSentences },
])("the README lists every clause with its sentence: $header", ({ header, clauses }) => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
  const [table = ""] = readme.slice(readme.indexOf(header)).split("\n\n")
  const rows = [...table.matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm)].map(([, id, sentence]) => [
    id,
    sentence,
  ])
  expect(rows).toEqual(Object.entries(clauses))
})
