import { checkBody } from "@pictor/bedrock-emulator"
import { ImageError, type ImageRequest, type ModelCard, type Task } from "@pictor/core"
import type { ImageLimits, TaskCard } from "@pictor/core/adapter"
import { sharpImages } from "@pictor/images"
import { beforeAll, describe, expect, test } from "vitest"
import { type Everyday, everydayPictures, quarterMask, seenPixels } from "./everyday-pictures.ts"
import { cards, isFull } from "./families.ts"
import { onEmulator, quick } from "./on-emulator.ts"

const seed = 20_261_122
const count = isFull ? 200 : 40
/** Every so many pictures of a model are drawn and looked at; the rest is planned and checked. */
const step = isFull ? 1 : 7

const randomNumbers = (start: number) => {
  let state = start
  return (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

interface Editing {
  readonly card: ModelCard
  readonly task: Task
  readonly taskCard: TaskCard
  readonly isMasked: boolean
}

const limitsOf = ({ fields: { image, images } }: TaskCard): ImageLimits | undefined => {
  const parameter = image ?? images
  return parameter?.kind === "image" || parameter?.kind === "images" ? parameter.limits : undefined
}

/** For each model a task with a mask and one without, where it has them. */
const editings: readonly Editing[] = cards.flatMap((card) => {
  const tasks = Object.entries(card.tasks) as [Task, TaskCard][]
  const withImage = tasks.filter(([, task]) => limitsOf(task))
  const masked = withImage.find(([, { fields }]) => fields.mask && !fields.margins)
  const plain =
    withImage.find(([name]) => name === "image-to-image") ??
    withImage.find(([, { fields }]) => !fields.mask?.required && !fields.garment)
  return [
    ...(masked ? [{ card, task: masked[0], taskCard: masked[1], isMasked: true }] : []),
    ...(plain ? [{ card, task: plain[0], taskCard: plain[1], isMasked: false }] : []),
  ]
})

const requestOf = async (
  { card, task, taskCard, isMasked }: Editing,
  picture: Everyday,
  index: number,
) => {
  const { fields, oneOf = [] } = taskCard
  const needsArea = !isMasked && oneOf.some((group) => group.includes("maskPrompt"))
  return {
    model: card.id,
    task,
    image: picture.bytes,
    ...(fields.prompt || fields.prompts ? { prompt: "a lake at night" } : {}),
    ...(fields.margins && !isMasked ? { margins: { left: 16 } } : {}),
    ...(fields.maskPrompt && (needsArea || fields.maskPrompt.required)
      ? { maskPrompt: "the door" }
      : {}),
    ...(fields.control?.kind === "enum" ? { control: fields.control.values[0] } : {}),
    ...(fields.colors ? { colors: ["#102030"] } : {}),
    ...(fields.styleImage ? { styleImage: picture.bytes } : {}),
    ...(isMasked ? { mask: await quarterMask(picture, index) } : {}),
  } as unknown as ImageRequest
}

/** Why the model's page does not allow the picture. */
const reasonOf = ({ seen, format }: Everyday, limits: ImageLimits): string | undefined => {
  if (format === "image/avif") return "AVIF"
  const { side = [1, Infinity], pixels = [1, Infinity], ratio = Infinity } = limits
  const [short = 1, long = 1] = [seen.width, seen.height].toSorted((one, other) => one - other)
  if (long / short > ratio) return "ratio"
  return short * 2 < side[0] || short * long * 4 < pixels[0] ? "too small" : undefined
}

/** The mean difference of two pictures in a quarter, away from its borders: 0 to 255. */
const difference = (
  [before, after]: readonly [Uint8Array, Uint8Array],
  { width, height }: { readonly width: number; readonly height: number },
  [column, row]: readonly [number, number],
): number => {
  let sum = 0
  let read = 0
  for (let part = 0; part < 400; part++) {
    const x = Math.floor(width * (column / 2 + 0.15 + ((part % 20) / 20) * 0.2))
    const y = Math.floor(height * (row / 2 + 0.15 + (Math.floor(part / 20) / 20) * 0.2))
    for (let channel = 0; channel < 3; channel++, read++) {
      const at = (y * width + x) * 3 + channel
      sum += Math.abs((before[at] ?? 0) - (after[at] ?? 0))
    }
  }
  return sum / read
}

/** What fitting and encoding alone change. An erased area may be close to what was there. */
const noise = 12

const expectChange = async (picture: Everyday, after: Uint8Array, size: Everyday["seen"]) => {
  const pair = [await seenPixels(picture.bytes, size), await seenPixels(after)] as const
  const changes = [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ].map((quarter) => Math.round(difference(pair, size, quarter as [number, number])))
  const [marked = 0, ...kept] = changes
  expect(
    [marked > noise, Math.max(...kept) <= noise],
    `${picture.name}: ${changes.join(", ")}`,
  ).toEqual([true, true])
}

describe(`everyday pictures (seed ${seed})`, () => {
  let pictures: readonly Everyday[] = []
  beforeAll(async () => {
    pictures = await everydayPictures(count, randomNumbers(seed))
  }, 120_000)

  const named = editings.map((editing, index) => {
    const { card, task, isMasked } = editing
    return [`${card.id}, ${task}, ${isMasked ? "with" : "without"} a mask`, editing, index] as const
  })
  test.each(named)(
    "%s: delivered, or rejected by the model's page",
    async (_, editing, offset) => {
      await using emulator = onEmulator({}, { imageOps: sharpImages(), runtime: quick })
      const { pictor } = emulator
      const limits = limitsOf(editing.taskCard) as ImageLimits
      for (const [index, picture] of pictures.entries()) {
        const request = await requestOf(editing, picture, index)
        const reason = reasonOf(picture, limits)
        const plan = await pictor.plan(request).catch((error: unknown) => error as ImageError)
        if (plan instanceof ImageError) {
          expect(reason, `${picture.name}: ${plan.message}`).toBeDefined()
          continue
        }
        expect(reason, `${picture.name} is planned`).toBeUndefined()
        for (const { body, modelId } of plan.calls)
          expect(checkBody(modelId, body), picture.name).toEqual([])
        if ((index + offset) % step !== 0) continue
        const { images } = await pictor.run(plan)
        const [image] = images
        expect(image, picture.name).toBeDefined()
        if (image && editing.isMasked) await expectChange(picture, image.bytes(), image)
      }
    },
    isFull ? 1_800_000 : 120_000,
  )
})
