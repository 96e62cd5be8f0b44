import { picture } from "../pictures.ts"
import {
  type Asked,
  bodiesText,
  changesText,
  models,
  planAll,
  plannedOn,
  priceText,
  requestText,
  tableText,
} from "./plans.ts"

const prompt = "a tea house"
const image = picture("1024x1024")
const other = picture("1024x1024", true)

const requests: readonly { readonly title: string; readonly request: Asked }[] = [
  {
    title: "A garment tried on",
    request: { task: "virtual-try-on", image, referenceImage: other },
  },
  {
    title: "A garment tried on, with its class",
    request: {
      task: "virtual-try-on",
      image,
      referenceImage: other,
      garment: { class: "UPPER_BODY" },
    },
  },
  { title: "An inpaint with a mask", request: { task: "inpaint", prompt, image, mask: other } },
  { title: "A picture of 16:9", request: { task: "text-to-image", prompt, aspectRatio: "16:9" } },
  {
    title: "A transparent background",
    request: { task: "text-to-image", prompt, background: "transparent" },
  },
]

const code = (text: string): string => `\`${text}\``

const sectionOf = async ({ title, request }: (typeof requests)[number]): Promise<string> => {
  const all = await planAll(models, request)
  const rows = all.flatMap(({ model: { card, status }, plan, inferred }) =>
    plan
      ? [
          [
            code(card.id),
            status,
            changesText(plan),
            priceText(plan, inferred),
            code(bodiesText(plan)),
          ],
        ]
      : [],
  )
  const rejected = all.filter(({ plan }) => plan === undefined)
  const ids = rejected.map(({ model }) => code(model.card.id)).join(", ")
  return [
    `## ${title}`,
    `Request: ${code(requestText(request))}`,
    tableText(["model", "status", "changes", "price", "body"], rows),
    ...(ids === "" ? [] : [`These models have the task and reject the request: ${ids}.`]),
  ].join("\n\n")
}

/** The page with one request of each kind, planned for every model. */
export const everyModelPage = async (): Promise<string> => {
  const sections = await Promise.all(requests.map(sectionOf))
  return `${[
    "# One request, every model",
    `Pictor plans the same request for every model that has its task. A row shows what it changes, the price, and the body that it sends; image bytes are shown as \`(image)\`. Status and prices are those of ${plannedOn}. A price "at most" is an upper bound, and the charge follows from the reply. "Inferred" marks a price, or its bound, that no page of the provider states. \`pnpm pages\` writes this page.`,
    ...sections,
  ].join("\n\n")}\n`
}
