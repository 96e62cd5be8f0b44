import {
  createPictor,
  type ImageRequest,
  type JsonObject,
  memoryLedger,
  type Plan,
  type Task,
} from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { describe, expect, test } from "vitest"
import { cards, familiesOn } from "./families.ts"
import { base64Of, picture, quickImages } from "./pictures.ts"
import { type Listed, pages, priceList, tokenPriceList } from "./price-list.ts"

const drawn = base64Of(picture("8x8"))

const byToken: readonly string[] = tokenPriceList.map(({ model }) => model)
const byImage = cards.filter(({ id }) => !byToken.includes(id))

const ordered = (body: JsonObject): number =>
  (body["imageGenerationConfig"] as { readonly numberOfImages?: number } | undefined)
    ?.numberOfImages ?? 1

/** Answers as the provider's models do, with a tiny picture for each that was ordered. */
const generous: Transport = {
  name: "generous",
  region: async () => "us-east-1",
  invoke: async ({ model, body }) => {
    const images = Array.from({ length: ordered(body) }, () => drawn)
    const artifacts = [{ base64: drawn, seed: 1, finishReason: "SUCCESS" }]
    const reply = model.startsWith("stability.stable-diffusion-xl")
      ? { result: "success", artifacts }
      : { images, seeds: images.map(() => 1), finish_reasons: images.map(() => null) }
    return { status: 200, headers: {}, body: new TextEncoder().encode(JSON.stringify(reply)) }
  },
}

const plainSize = "512x512"

/**
 * What each task needs beside its words; the picture has the size that is priced where it is that
 * of the output.
 */
const inputs: Readonly<Record<Task, (size: string, isAmazon: boolean) => JsonObject>> = {
  "text-to-image": () => ({}),
  "image-to-image": (size) => ({ image: picture(size) }),
  inpaint: (size, isAmazon) => ({
    image: picture(size),
    ...(isAmazon ? { maskPrompt: "the cup" } : { mask: picture(size) }),
  }),
  erase: (size, isAmazon) => ({
    prompt: undefined,
    image: picture(size),
    ...(isAmazon ? { maskPrompt: "the cup" } : { mask: picture(size) }),
  }),
  replace: (size) => ({ image: picture(size), maskPrompt: "the cup" }),
  recolor: (size) => ({ image: picture(size), maskPrompt: "the cup" }),
  outpaint: (size, isAmazon) => ({
    image: picture(size),
    ...(isAmazon ? { keepPrompt: "the cup" } : { margins: { left: 64 } }),
  }),
  "color-guided": () => ({ colors: ["#804020"] }),
  control: (_, isAmazon) => ({
    image: picture(plainSize),
    ...(isAmazon ? { control: "canny" } : {}),
  }),
  "style-guide": () => ({ styleImage: picture(plainSize) }),
  "style-transfer": (size) => ({
    prompt: undefined,
    image: picture(size),
    styleImage: picture(plainSize),
  }),
  "remove-background": (size) => ({ prompt: undefined, image: picture(size) }),
  "virtual-try-on": (size) => ({
    prompt: undefined,
    image: picture(size),
    referenceImage: picture(plainSize),
    maskPrompt: "the shirt",
  }),
  upscale: (size) => ({ image: picture(size) }),
}

const kinds: Readonly<Record<string, string>> = {
  "control-sketch": "sketch",
  "control-structure": "structure",
}

const sized: ReadonlySet<Task> = new Set(["text-to-image", "color-guided", "control"])

/** Models that draw a variation at a size of its own, and not at that of the picture. */
const variesInSize = (model: string, task: Task): boolean =>
  task === "image-to-image" && model.startsWith("amazon.")

interface Order {
  readonly request: JsonObject
  readonly microUsd: number
}

const ordersOf = (
  { models, tasks, sizes, quality, steps, usd }: Listed,
  wanted: string,
): readonly Order[] =>
  models
    .filter((model) => model === wanted)
    .flatMap((model) => tasks.map((task) => [model, task] as const))
    .flatMap(([model, task]) =>
      (sizes ?? [undefined]).flatMap((size) =>
        (steps ?? [undefined]).map((count) => [model, task, size, count] as const),
      ),
    )
    .map(([model, task, size, count], index) => {
      const isAmazon = model.startsWith("amazon.")
      const isSized = size !== undefined && (sized.has(task) || variesInSize(model, task))
      const kind = Object.entries(kinds).find(([name]) => model.includes(name))?.[1]
      const request = {
        model,
        task,
        prompt: "A cup of tea.",
        // One call, and several.
        n: index % 3 === 0 ? 7 : 1,
        ...inputs[task](isSized ? plainSize : (size ?? plainSize), isAmazon),
        ...(isSized && { size }),
        ...(quality && { quality }),
        ...(count && { steps: count }),
        ...(kind && { control: kind }),
        ...(model.includes("fast-upscale") && { prompt: undefined }),
      }
      return { request, microUsd: Number(usd.replace(".", "").padEnd(usd.indexOf(".") + 6, "0")) }
    })

const described = ({ model, task, size, quality, steps, n }: JsonObject): string =>
  JSON.stringify({ model, task, size, quality, steps, n })

const isSnapped = ({ outputSize, resolved }: Plan, { size, steps, quality }: JsonObject): boolean =>
  (size !== undefined && size !== `${outputSize?.width}x${outputSize?.height}`) ||
  resolved.steps !== steps ||
  resolved.quality !== quality

const difference = async ({ request, microUsd }: Order): Promise<readonly string[]> => {
  const ledger = memoryLedger()
  const pictor = createPictor({ adapters: familiesOn(generous), imageOps: quickImages, ledger })
  const wanted = microUsd * Number(request["n"])
  const plan = await pictor.plan(request as unknown as ImageRequest)
  const { cost } = await pictor.run(plan)
  const [spent] = await ledger.spend()
  if (isSnapped(plan, request)) return [`${described(request)}: planned as something else`]
  const found = { estimate: plan.estimate, charge: cost, ledger: spent }
  return Object.entries(found).flatMap(([name, sums]) => {
    const text = `${sums?.microUsd} + ${sums?.maybeMicroUsd} maybe + ${sums?.unpricedImages} unknown`
    return text === `${wanted} + 0 maybe + 0 unknown`
      ? []
      : [`${described(request)}: ${name} ${text}, listed ${wanted}`]
  })
}

describe("estimate, charge and ledger are to the micro-USD what the price list says", () => {
  test.each(byImage.map(({ id }) => id))("of %s", async (model) => {
    const orders = priceList.flatMap((listed) => ordersOf(listed, model))
    const differences: string[] = []
    for (const order of orders) differences.push(...(await difference(order)))
    expect(orders.length).toBeGreaterThan(0)
    expect(differences).toEqual([])
  })
})

describe("the price list", () => {
  test("has every model and task of the cards, and every size of those that list them", () => {
    const missing = byImage.flatMap((card) =>
      (Object.keys(card.tasks) as Task[]).flatMap((task) => {
        const rows = priceList.filter(
          ({ models, tasks }) => models.includes(card.id) && tasks.includes(task),
        )
        const size = card.tasks[task]?.fields.size
        // The small ones of SDXL 0.8 are 49; their edges stand for them.
        const listed =
          size?.kind === "sizes" && !card.id.endsWith("xl") && !card.id.endsWith("xl-v0")
            ? size.values
            : []
        const left = listed.filter((each) => !rows.some(({ sizes }) => sizes?.includes(each)))
        return rows.length === 0
          ? [`${card.id} ${task}`]
          : left.map((each) => `${card.id} ${task} ${each}`)
      }),
    )
    expect(missing).toEqual([])
  })

  test("marks as inferred what the cards do", () => {
    const differing = priceList.flatMap(({ models, tasks, sizes, quality, inferred }) =>
      cards
        .filter(({ id }) => models.includes(id))
        .flatMap(({ id, prices }) =>
          tasks.flatMap((task) =>
            (sizes ?? [""]).flatMap((size) => {
              const [width = 0, height = 0] = size.split("x").map(Number)
              const row = prices.find(
                (each) =>
                  (each.task ?? task) === task &&
                  (each.quality ?? quality) === quality &&
                  (each.maxPixels ?? Number.POSITIVE_INFINITY) >= width * height,
              )
              return row?.inferred === inferred ? [] : [`${id} ${task} ${size} ${quality}`]
            }),
          ),
        ),
    )
    expect(differing).toEqual([])
  })

  test.each(tokenPriceList)("has the tokens of $model as its card has", (listed) => {
    const rows = cards.find(({ id }) => id === listed.model)?.prices
    expect(rows).toMatchObject([
      {
        units: {
          inputTextToken: listed.input,
          inputImageToken: listed.input,
          outputTextToken: listed.outputText,
          outputImageToken: listed.outputImage,
        },
      },
    ])
    expect(rows?.[0]?.inferred).toBe(listed.inferred)
  })

  test("names a page for every price", () => {
    for (const { pages: from } of [...priceList, ...tokenPriceList])
      expect(from.map((name) => pages[name]).every((url) => URL.canParse(url))).toBe(true)
  })
})
