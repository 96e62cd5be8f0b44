import type { JsonObject } from "@pictor/core"
import type { Reply, TransportCall } from "@pictor/core/adapter"
import { nested } from "../body.ts"
import { clientOf } from "../client.ts"
import type { Clause } from "../contract.ts"
import { errorText } from "../error-text.ts"
import {
  cardInputs,
  firstSubjects,
  type InputCase,
  inputCasesOf,
  minimalCase,
  requestOf,
} from "../input-cases.ts"
import { headOfPng, toBase64 } from "../png.ts"
import { jsonReply, replyOf } from "../provider.ts"

/** The part of an image with its title. The head is the same in every image. */
const pieceOf = (base64: string): string => (base64.length > 110 ? base64.slice(40, 110) : base64)

const imagesIn = (value: unknown): readonly string[] => {
  if (value instanceof Uint8Array) return [toBase64(value)]
  if (Array.isArray(value)) return value.flatMap(imagesIn)
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(imagesIn) : []
}

const planJson: Clause = async (context) => {
  const { expect } = context
  for (const inputCase of inputCasesOf(context)) {
    const plan = await clientOf(context, inputCase.subject).plan(requestOf(inputCase))
    const text = JSON.stringify(plan)
    const { image, mask } = plan.resolved
    const images = [
      ...imagesIn(inputCase.fields),
      ...[image, mask].flatMap((each) => each?.base64 ?? []),
    ]
    for (const base64 of images)
      expect(
        text.includes(pieceOf(base64)),
        `${inputCase.label}: the plan as JSON has an image in it`,
      ).toBe(false)
    const reported = JSON.stringify([plan.changes, plan.warnings])
    for (const base64 of images)
      expect(
        reported.includes(base64.slice(0, 80)),
        `${inputCase.label}: a change or warning has an image in it`,
      ).toBe(false)
  }
}

/** Requests that are rejected, each with an image. */
const rejectedRequests = (
  { subject, fields }: InputCase,
  base64: string,
): readonly JsonObject[] => {
  const { prompt, image, images, maskPrompt } = subject.taskCard.fields
  const places = [image, images, maskPrompt, prompt].flatMap((parameter) =>
    typeof parameter?.path === "string" ? [parameter.path] : [],
  )
  return [
    ...cardInputs.map((name) => ({ [name]: base64 })),
    ...cardInputs.map((name) => ({ [name]: `data:image/png;base64,${base64}` })),
    ...cardInputs.map((name) => ({ [name]: [base64] })),
    { ...fields, image: headOfPng(1, 100_000), images: undefined },
    { prompt: base64.repeat(Math.ceil(100_000 / base64.length)) },
    { options: { "no-such-field": base64 } },
    ...places.map((place) => ({ image: undefined, options: nested(place, base64) })),
  ]
}

const answersWith = (base64: string): readonly ((call: TransportCall) => Promise<Reply>)[] => [
  () => Promise.reject(new Error(base64)),
  async () => replyOf(new TextEncoder().encode(`{"images":["${base64}`)),
  ...[{ message: base64 }, { images: [{ error: base64 }] }, [base64], base64].map(
    (value) => async () => jsonReply(value),
  ),
]

const errorImages: Clause = async (context) => {
  for (const subject of firstSubjects(context)) {
    const inputCase = minimalCase(subject)
    const [base64] = inputCase ? imagesIn(inputCase.fields) : []
    if (!inputCase || base64 === undefined) continue
    const check = async (promise: Promise<unknown>, label: string): Promise<void> => {
      const text = await promise.then(() => "", errorText)
      context
        .expect(
          text.includes(pieceOf(base64)),
          `${label}: the error has an image in it: ${text.slice(0, 300)}`,
        )
        .toBe(false)
    }
    for (const fields of rejectedRequests(inputCase, base64))
      await check(
        clientOf(context, subject).plan(requestOf(inputCase, fields)),
        `${subject.label}, a request with another ${Object.keys(fields).join(", ")}`,
      )
    for (const [index, answer] of answersWith(base64).entries())
      await check(
        clientOf(context, subject, answer).generate(requestOf(inputCase)),
        `${subject.label}, failure ${index}`,
      )
  }
}

export const imageLeakClauses = { "plan-json": planJson, "error-images": errorImages } as const
