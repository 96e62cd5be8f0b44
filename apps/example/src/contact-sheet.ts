import { type Change, formatUsd, type Slot } from "@pictor/core"
import { changeText, decimalsOf } from "@pictor/terminal"
import { placeOf } from "./choice.ts"
import { styleSheet } from "./contact-sheet-style.ts"
import { html, type Markup, nothing } from "./html.ts"
import {
  boundOf,
  costOfAll,
  type Outcome,
  type Part,
  type Picture,
  problemText,
} from "./outcome.ts"
import { seconds } from "./progress.ts"
import { countText } from "./result-table.ts"

export interface Sheet {
  readonly prompt: string
  readonly emulated: boolean
  readonly outcomes: readonly Outcome[]
  readonly timeMs: number
  /** Milliseconds since 1970. */
  readonly madeAtMs: number
}

/** One HTML file with pictures, facts and recipes. It runs no script and loads nothing. */
export const contactSheet = (sheet: Sheet): string => {
  const { prompt, emulated, outcomes } = sheet
  const entries = outcomes.flatMap((outcome) =>
    (outcome.parts.length > 0 ? outcome.parts : [undefined]).map((part) =>
      entry(outcome, part, emulated),
    ),
  )
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${prompt} · Pictor</title>
<style>${{ markup: styleSheet }}</style>
</head>
<body>
<header>${heading(sheet)}</header>
<main>${entries}</main>
<footer>Made by Pictor's example on ${new Date(sheet.madeAtMs).toISOString().slice(0, 16).replace("T", " ")} UTC. Select a picture to enlarge it.</footer>
</body>
</html>
`.markup
}

const heading = ({ prompt, emulated, outcomes, timeMs }: Sheet): Markup => html`
<p class="kicker">Contact sheet</p>
<h1>${prompt}</h1>
<p class="sum"><span><b>${countText(outcomes)}</b></span><span>${emulated ? "at list prices" : "total"} <b>${formatUsd(costOfAll(outcomes))}</b></span><span>in <b>${seconds(timeMs)}</b></span></p>
${emulated ? html`<p class="emulated"><b>These pictures are emulated.</b> They were drawn on this machine, not by the models; nothing was sent to a provider and nothing was charged.</p>` : nothing}
`

const entry = (outcome: Outcome, part: Part | undefined, emulated: boolean): Markup => {
  const { choice, plan, warnings, problems } = outcome
  return html`
<article>
${part?.picture ? frame(part.picture, choice.model) : html`<div class="missing">${missing(part?.slot, problems)}</div>`}
<div class="about">
<h2>${choice.model}</h2>
<p class="badges"><span class="badge ${choice.lifecycle}">${choice.lifecycle}</span><span class="badge">${placeOf(choice)}</span>${emulated && part?.picture ? html`<span class="badge mock">emulated</span>` : nothing}</p>
<dl>${facts(outcome, part)}</dl>
${list("changes", (plan?.changes ?? []).map(changeSentence))}
${list("warnings", warnings)}
${part?.picture ? html`<details><summary>Recipe</summary><pre>${JSON.stringify(part.picture.image.recipe, undefined, 2)}</pre></details>` : nothing}
</div>
</article>
`
}

const frame = ({ image }: Picture, model: string): Markup =>
  html`<label class="frame"><input type="checkbox" aria-label="Enlarge the picture of ${model}"><img src="data:${image.mediaType};base64,${image.base64()}" width="${image.width}" height="${image.height}" alt="The picture of ${model}"></label>`

const missing = (slot: Slot | undefined, problems: readonly string[]): string => {
  if (slot?.status === "failed") return problemText(slot.error)
  if (slot?.status === "filtered") return `Filtered (${slot.stage}): ${slot.reason}`
  return slot ? "Not sent" : (problems[0] ?? "Not ordered")
}

const fact = (name: string, value: string | Markup, kind = ""): Markup =>
  html`<dt>${name}</dt><dd class="${kind}">${value}</dd>`

const facts = (outcome: Outcome, part: Part | undefined): readonly Markup[] => {
  const { timeMs } = outcome
  const bound = boundOf(outcome)
  const cost = [
    ...(part ? [fact("Cost", formatUsd(part.slot.cost, decimalsOf([part.slot.cost])))] : []),
    ...(bound ? [fact("Bound", `${formatUsd(bound)} for the order`)] : []),
  ]
  const time = timeMs === undefined ? [] : [fact("Time", seconds(timeMs))]
  if (!part?.picture) return [...cost, ...time]
  const { image, sha256, file } = part.picture
  return [
    fact("Size", `${image.width} × ${image.height}`),
    fact("Seed", String(image.seed ?? "unknown")),
    ...cost,
    ...time,
    fact("File", file ?? "not written", "file"),
    fact("SHA-256", html`${sha256.slice(0, 32)}<wbr>${sha256.slice(32)}`, "hash"),
  ]
}

const changeSentence = (change: Change): string =>
  `${changeText(change)} (${change.action}): ${change.why}`

const list = (kind: string, lines: readonly string[]): Markup =>
  lines.length === 0
    ? nothing
    : html`<ul class="${kind}">${lines.map((line) => html`<li>${line}</li>`)}</ul>`
