import type { Plan } from "@pictor/core"
import { picture } from "../pictures.ts"
import {
  type Asked,
  bodiesText,
  changesText,
  type Model,
  models,
  planAll,
  plannedOn,
  priceText,
  requestText,
  tableText,
} from "./plans.ts"

interface Move {
  readonly title: string
  /** As Titan and Nova Canvas take it. */
  readonly asked: Asked
  /** Where no live model takes `asked`: the nearest request, and what is different. */
  readonly instead?: { readonly request: Asked; readonly note: string }
}

const prompt = "a tea house"
const image = picture("1024x1024")
const other = picture("1024x1024", true)

const moves: readonly Move[] = [
  { title: "Text to image", asked: { task: "text-to-image", prompt, size: "1024x1024" } },
  { title: "Inpaint", asked: { task: "inpaint", prompt, image, mask: other } },
  { title: "Outpaint", asked: { task: "outpaint", prompt, image, margins: { right: 256 } } },
  { title: "Background removal", asked: { task: "remove-background", image } },
  { title: "Variation", asked: { task: "image-to-image", prompt, image } },
  { title: "Conditioning", asked: { task: "control", prompt, image } },
  {
    title: "Color-guided",
    asked: { task: "color-guided", prompt, colors: ["#2f7d4f", "#e6b35a"] },
    instead: {
      request: {
        task: "text-to-image",
        prompt: `${prompt} in the colors #2f7d4f and #e6b35a`,
        size: "1024x1024",
      },
      note: "Put the colors into the prompt; a model may not follow them exactly.",
    },
  },
  {
    title: "Try-on",
    asked: {
      task: "virtual-try-on",
      image,
      referenceImage: other,
      garment: { class: "UPPER_BODY" },
    },
    instead: {
      request: { task: "virtual-try-on", image, referenceImage: other },
      note: "Omit the garment's class and masks; the models find the garment themselves.",
    },
  },
]

const left = /^amazon\.(titan-image-generator|nova-canvas)/
const leaving = models.filter(({ card }) => left.test(card.id))
const live = models.filter(({ status }) => status !== "retired")

const code = (text: string): string => `\`${text}\``

/** A tool that drops the prompt, such as deblurring, does another task. */
const keepsPrompt = ({ changes }: Plan): boolean =>
  !changes.some(({ field, action }) => field === "prompt" && action === "dropped")

const plansTable = async (some: readonly Model[], request: Asked): Promise<string> => {
  const all = await planAll(some, request)
  const rows = all.flatMap(({ model: { card, status }, plan, inferred }) =>
    plan && keepsPrompt(plan)
      ? [
          [
            code(card.id),
            status,
            priceText(plan, inferred),
            changesText(plan),
            code(bodiesText(plan)),
          ],
        ]
      : [],
  )
  if (rows.length === 0) throw new Error(`No model takes the task ${request.task}`)
  return tableText(["model", "status", "price", "changes", "sent"], rows)
}

const sectionOf = async ({ title, asked, instead }: Move): Promise<string> => {
  const before = await plansTable(leaving, asked)
  const after = await plansTable(live, instead?.request ?? asked)
  return [
    `## ${title}`,
    `Asked: ${code(requestText(asked))}`,
    `Until now:\n\n${before}`,
    instead
      ? `No live model takes this request. ${instead.note} Ask instead: ${code(requestText(instead.request))}`
      : "Live models take the same request:",
    after,
  ].join("\n\n")
}

/** The page for users of Titan and Nova Canvas, task by task. */
export const movingPage = async (): Promise<string> => {
  const sections = await Promise.all(moves.map(sectionOf))
  const ends = leaving.map(
    ({ card: { id, lifecycle } }) =>
      `- ${code(id)}: retired ${lifecycle.retiredFrom ?? "on an unknown day"}`,
  )
  return `${[
    "# Moving from Titan or Nova Canvas",
    ends.join("\n"),
    `Each section shows a request as these models took it, then the live models that do the same task. Change \`model\`, and the adapter in \`createPictor\`; Pictor changes the body. Prices and status are those of ${plannedOn}. A price "at most" is an upper bound, and the charge follows from the reply. "Inferred" marks a price, or its bound, that no page of the provider states. Image bytes are shown as \`(image)\`. \`pnpm pages\` writes this page.`,
    ...sections,
  ].join("\n\n")}\n`
}
