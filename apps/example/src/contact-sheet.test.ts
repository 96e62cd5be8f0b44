import { describe, expect, it } from "vitest"
import { cost, delivered, outcome, plan, sizeChange } from "./__fixtures__/outcome.ts"
import { contactSheet, type Sheet } from "./contact-sheet.ts"
import { escapeHtml, html } from "./html.ts"

const sheet = (given: Partial<Sheet> = {}): string =>
  contactSheet({
    prompt: "tea",
    emulated: true,
    outcomes: [outcome("amazon.nova-canvas-v1:0")],
    timeMs: 900,
    madeAtMs: 0,
    ...given,
  })

describe("contactSheet", () => {
  it("holds the picture itself and its facts", () => {
    const text = sheet({
      outcomes: [
        outcome("amazon.nova-canvas-v1:0", {
          plan: plan([sizeChange]),
          warnings: ["It is retired."],
        }),
      ],
    })
    const facts = [
      "data:image/png;base64,AQID",
      "amazon.nova-canvas-v1:0",
      "1024 × 1024",
      "$0.04",
      "1.23 s",
      "picture-1.png",
      '<span class="badge active">active',
    ]
    for (const fact of [
      ...facts,
      "size 1000x1000→992x992 (snapped): sides are divisible by 16",
      "It is retired.",
      "<summary>Recipe</summary>",
    ])
      expect(text).toContain(fact)
    expect(text.replace("<wbr>", "")).toContain("0".repeat(64))
  })

  it("loads nothing from elsewhere and forbids scripts", () => {
    const text = sheet()
    expect(text).toContain("default-src 'none'; img-src data:; style-src 'unsafe-inline'")
    expect(text).not.toMatch(/https?:|<script|<link|@import|url\(/)
  })

  it.each(["prompt", "warning", "problem", "model"])(
    "keeps markup in a %s from being any",
    (place) => {
      const nasty = `"'><script>alert(1)</script>&`
      const text = sheet({
        prompt: place === "prompt" ? nasty : "tea",
        outcomes: [
          outcome(place === "model" ? nasty : "m", {
            warnings: place === "warning" ? [nasty] : [],
          }),
          outcome("m", { parts: [], problems: place === "problem" ? [nasty] : [] }),
        ],
      })
      expect(text).not.toContain("<script>")
      expect(text).toContain("&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;")
    },
  )

  it("escapes the recipe, which holds the prompt", () => {
    expect(sheet()).toContain("&lt;/pre&gt;&lt;script&gt;alert(2)")
  })

  it("says that pictures are emulated only where they are", () => {
    expect(sheet()).toContain("These pictures are emulated.")
    expect(sheet({ emulated: false })).not.toMatch(/emulated<|are emulated/)
  })

  it("has a place for what did not come, with the reason", () => {
    const filtered = {
      slot: { status: "filtered", stage: "output", reason: "held back", cost: cost(0) },
    } as const
    const text = sheet({
      outcomes: [
        outcome("m", { parts: [filtered, delivered()] }),
        outcome("n", { parts: [{ slot: { status: "not-attempted", cost: cost(0) } }] }),
      ],
    })
    expect(text).toContain("Filtered (output): held back")
    expect(text).toContain("Not sent")
    expect(text.match(/<article>/g)).toHaveLength(3)
  })
})

describe("html", () => {
  it("escapes every value but markup", () => {
    expect(html`<b title="${'"'}">${[html`<i>${"<"}</i>`]}${1}</b>`.markup).toBe(
      '<b title="&quot;"><i>&lt;</i>1</b>',
    )
  })

  it("escapes what may end an attribute or begin a tag", () => {
    expect(escapeHtml(`<>&"'`)).toBe("&lt;&gt;&amp;&quot;&#39;")
  })
})
