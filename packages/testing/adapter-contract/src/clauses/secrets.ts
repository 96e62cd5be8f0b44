import { ImageError, type JsonObject } from "@pictor/core"
import type { TransportCall } from "@pictor/core/adapter"
import { nested } from "../body.ts"
import { clientOf } from "../client.ts"
import type { Clause, Context } from "../contract.ts"
import { errorText } from "../error-text.ts"
import { exampleReply } from "../examples.ts"
import { jsonReply, replyOf } from "../provider.ts"
import { requestWith, type Subject, subjectsOf } from "../subject.ts"

const canaries = {
  prompt: "canary-prompt-5f1c",
  avoided: "canary-avoided-77ab",
  secret: "canary-secret-c09d",
} as const

const all = Object.values(canaries).join(" ")

const canaryFields = ({ taskCard, request }: Subject): JsonObject => {
  const takesNegative = taskCard.fields.negativePrompt ?? taskCard.fields.prompts
  const hasPrompt = "prompt" in request || "prompts" in request
  return {
    ...(hasPrompt ? { prompt: `a lighthouse ${canaries.prompt}` } : {}),
    ...(takesNegative ? { negativePrompt: `fog ${canaries.avoided}` } : {}),
  }
}

/** Requests that are rejected, each with a prompt. */
const rejectedRequests = (subject: Subject): readonly JsonObject[] => {
  const { prompt, negativePrompt, prompts } = subject.taskCard.fields
  const long = all.padEnd(100_000, "a")
  const places = [prompt, negativePrompt, prompts].flatMap((parameter) =>
    typeof parameter?.path === "string" ? [parameter.path] : [],
  )
  return [
    { prompt: long },
    { prompt: [all] },
    { negativePrompt: long },
    { prompt: all, prompts: [{ text: all }] },
    { prompts: [{ text: all, weight: "heavy" }] },
    { prompts: [{ text: all, weight: 0.25 }], negativePrompt: all, policy: "strict" },
    { prompt: all, negativePrompt: all, style: "no such style", guidance: 1e6, policy: "strict" },
    { prompt: all, options: { "no-such-field": all } },
    ...places.flatMap((path) =>
      [long, [all], { text: all }].map((value) => ({
        prompt: undefined,
        options: nested(path, value),
      })),
    ),
  ]
}

/** Failures of a provider that repeats the prompt and secrets. */
const answers = (
  context: Context,
): readonly ((call: TransportCall) => Promise<ReturnType<typeof replyOf>>)[] => {
  const { filtered, malformed } = context.contract.outcomes ?? {}
  const echo = { message: all, prompt: all, [all]: all, error_message: [all] }
  return [
    () => Promise.reject(new Error(all)),
    () =>
      Promise.reject(
        new ImageError({
          code: "forbidden",
          message: "The provider rejected the call.",
          cause: new Error(all),
        }),
      ),
    async () => replyOf(new TextEncoder().encode(all)),
    async () => replyOf(new TextEncoder().encode(`{"images":["${all}`)),
    ...[all, [all], echo, [echo], { images: [echo] }, { images: [[all]] }].map(
      (value) => async () => jsonReply(value),
    ),
    ...[filtered, malformed].flatMap((example) =>
      example === undefined
        ? []
        : [(call: TransportCall) => exampleReply(context, example, call, 1)],
    ),
  ]
}

const errorSecrets: Clause = async (context) => {
  const { expect } = context
  const check = async (promise: Promise<unknown>, label: string): Promise<void> => {
    const text = await promise.then(() => "", errorText)
    for (const canary of Object.values(canaries))
      expect(
        text.includes(canary),
        `${label}: the error contains ${canary}: ${text.slice(0, 500)}`,
      ).toBe(false)
  }
  for (const subject of subjectsOf(context)) {
    for (const fields of rejectedRequests(subject))
      await check(
        clientOf(context, subject).plan(requestWith(subject, fields)),
        `${subject.label}, a request with ${Object.keys(fields).join(", ")}`,
      )
    for (const [index, answer] of answers(context).entries())
      await check(
        clientOf(context, subject, answer).generate(requestWith(subject, canaryFields(subject))),
        `${subject.label}, failure ${index}`,
      )
  }
}

export const secretClauses = { "error-secrets": errorSecrets } as const
