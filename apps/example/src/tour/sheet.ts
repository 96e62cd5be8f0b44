import { type Change, type Cost, formatUsd, type Image } from "@pictor/core"
import { sharpImages } from "@pictor/images"
import { changeText } from "@pictor/terminal"
import { styleSheet } from "../contact-sheet-style.ts"
import { html, type Markup, nothing } from "../html.ts"

/** How a step ended. */
export interface StepEnd {
  readonly step: string
  readonly model: string
  readonly task?: string
  readonly before?: Image
  readonly mask?: Uint8Array
  readonly after?: Image
  readonly file?: string
  readonly cost?: Cost
  readonly changes?: readonly Change[]
  readonly warnings?: readonly string[]
  readonly timeMs?: number
  readonly problem?: string
}

export interface TourSheet {
  readonly prompt: string
  readonly ends: readonly StepEnd[]
  readonly total: string
  /** Milliseconds since 1970. */
  readonly madeAtMs: number
}

const tourStyle = `
main { grid-template-columns: 1fr; }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: 1px; background: var(--line); }
.row figure { margin: 0; background: var(--card); }
.row img { display: block; width: 100%; height: 20rem; object-fit: contain; }
.row img.clear { background: repeating-conic-gradient(var(--line) 0 25%, transparent 0 50%) 0 0 / 1.2rem 1.2rem; }
.row figcaption { padding: .4rem .8rem; color: var(--soft); font-size: .8rem; }
`

const thumbnailSide = 640

const pictured = async (
  bytes: Uint8Array,
  mediaType: string,
): Promise<{ readonly bytes: Uint8Array; readonly mediaType: string }> => {
  const ops = sharpImages()
  const small = await ops.thumbnail(bytes, thumbnailSide)
  return small === bytes
    ? { bytes, mediaType }
    : { bytes: small, mediaType: (await ops.inspect(small)).mediaType }
}

const figure = async (
  name: string,
  bytes: Uint8Array | undefined,
  mediaType: string,
  note: string,
): Promise<Markup> => {
  if (!bytes) return nothing
  const shown = await pictured(bytes, mediaType)
  const data = `data:${shown.mediaType};base64,${Buffer.from(shown.bytes).toString("base64")}`
  // A pattern behind the picture shows where it is transparent.
  const { transparent = false } = await sharpImages().inspect(bytes)
  const kind = transparent ? html` class="clear"` : nothing
  return html`<figure><img${kind} src="${data}" alt="${name}"><figcaption>${name}${note ? ` · ${note}` : ""}</figcaption></figure>`
}

const sizeText = (image: Image | undefined): string =>
  image ? `${image.width} × ${image.height}` : ""

const entry = async (end: StepEnd, number: number): Promise<Markup> => {
  const { before, mask, after } = end
  const changes = (end.changes ?? []).map(
    (change) => html`<li>${changeText(change)} (${change.action}): ${change.why}</li>`,
  )
  return html`
<article>
<div class="row">${[
    await figure("before", before?.bytes(), before?.mediaType ?? "", sizeText(before)),
    await figure("mask", mask, "image/png", mask ? "white is the area to change" : ""),
    await figure("after", after?.bytes(), after?.mediaType ?? "", sizeText(after)),
  ]}</div>
<div class="about">
<h2>${number}. ${end.step}</h2>
<p class="badges"><span class="badge">${end.model}</span><span class="badge">${end.task ?? ""}</span><span class="badge mock">emulated</span></p>
<dl><dt>Cost</dt><dd>${end.cost ? formatUsd(end.cost) : (end.problem ?? "")}</dd><dt>File</dt><dd class="file">${end.file ?? "not written"}</dd></dl>
${changes.length > 0 ? html`<ul class="changes">${changes}</ul>` : nothing}
</div>
</article>
`
}

/** One HTML file with before, mask and after of each step. It runs no script and loads nothing. */
export const tourSheet = async ({ prompt, ends, total, madeAtMs }: TourSheet): Promise<string> => {
  const entries: Markup[] = []
  for (const [index, end] of ends.entries()) entries.push(await entry(end, index + 1))
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${prompt} · Pictor's tour of edits</title>
<style>${{ markup: styleSheet + tourStyle }}</style>
</head>
<body>
<header><p class="kicker">A tour of edits</p><h1>${prompt}</h1>
<p class="sum"><span><b>${ends.length} steps</b></span><span>at list prices <b>${total}</b></span></p>
<p class="emulated"><b>These pictures are emulated.</b> They were drawn on this machine, not by the models; nothing was sent to AWS and nothing was charged.</p></header>
<main>${entries}</main>
<footer>Made by Pictor's example on ${new Date(madeAtMs).toISOString().slice(0, 16).replace("T", " ")} UTC.</footer>
</body>
</html>
`.markup
}
