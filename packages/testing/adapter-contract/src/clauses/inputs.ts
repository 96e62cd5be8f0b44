import type { JsonObject, Margins, Parameter } from "@pictor/core"
import { at, toSent } from "../body.ts"
import { clientOf, failureOf } from "../client.ts"
import type { Clause, Context } from "../contract.ts"
import { imageOps } from "../image-ops.ts"
import {
  cardInputs,
  firstSubjects,
  type InputCase,
  inputCasesOf,
  minimalCase,
  requestOf,
} from "../input-cases.ts"
import { foreignInputs, sideOf } from "../input-samples.ts"
import { headOf, headOfPng } from "../png.ts"
import { requestWith } from "../subject.ts"

/** The parameter's path, which other inputs may decide. */
const placeOf = (
  { inputs }: InputCase,
  { path, pathBeside = {} }: Parameter,
): string | undefined => {
  const beside = Object.keys(pathBeside).find((name) => inputs[name] !== undefined)
  return typeof path === "string" ? path : beside === undefined ? undefined : pathBeside[beside]
}

/** A value of the body at one path, or a list whose pictures have a place each. */
const sentAt = (inputCase: InputCase, parameter: Parameter, body: JsonObject): unknown => {
  const { image } = inputCase.subject.taskCard.fields
  if (parameter.kind === "images" && parameter.places) {
    // The first picture takes the place of an image that is not given.
    const first = inputCase.inputs["image"] || typeof image?.path !== "string" ? [] : [image.path]
    const found = [...first, ...parameter.places].map((place) => at(body, place))
    return found.filter((each) => each !== undefined)
  }
  const place = placeOf(inputCase, parameter)
  return place === undefined ? undefined : at(body, place)
}

const isSent = (inputCase: InputCase, parameter: Parameter): boolean =>
  placeOf(inputCase, parameter) !== undefined ||
  (parameter.kind === "images" && parameter.places !== undefined)

/** The image as sent: padded if the model takes no margins itself. */
const sentImage = async ({ fields, subject }: InputCase, image: unknown): Promise<unknown> => {
  const { margins } = subject.taskCard.fields
  const isPadded =
    margins?.kind === "object" &&
    Object.values(margins.fields).every(({ path, pathBeside }) => !path && !pathBeside)
  if (!isPadded || fields["margins"] === undefined) return image
  return (await imageOps.pad(image as Uint8Array, fields["margins"] as Margins)).image
}

const inputPlaces: Clause = async (context) => {
  for (const inputCase of inputCasesOf(context)) {
    const { calls } = await clientOf(context, inputCase.subject).plan(requestOf(inputCase))
    for (const [name, { parameter, sent }] of Object.entries(inputCase.inputs)) {
      // Another clause tests masks.
      if (!isSent(inputCase, parameter) || parameter.kind === "mask") continue
      const value = name === "image" ? await sentImage(inputCase, sent) : sent
      const wanted = toSent(parameter, inputCase.subject.taskCard, value)
      for (const { body } of calls)
        context
          .expect(sentAt(inputCase, parameter, body), `${inputCase.label}: ${name} of the body`)
          .toEqual(wanted)
    }
  }
}

const rejectionOf = async (
  context: Context,
  inputCase: InputCase,
  more: JsonObject,
  label: string,
) => {
  const { code, issues = [] } = await failureOf(
    context,
    clientOf(context, inputCase.subject).plan(requestOf(inputCase, more)),
    label,
  )
  return { code, issues, paths: issues.map(({ path }) => path) }
}

const inputMissing: Clause = async (context) => {
  for (const subject of firstSubjects(context)) {
    const { fields, oneOf = [] } = subject.taskCard
    const inputCase = minimalCase(subject)
    if (!inputCase) continue
    const heads = (names: readonly string[]): JsonObject =>
      Object.fromEntries(names.map((name) => [name.split(".")[0] ?? "", undefined]))
    const needed = cardInputs
      .filter((name) => fields[name]?.required && fields[name]?.default === undefined)
      .map((name) => [name])
    for (const names of [...needed, ...oneOf]) {
      const label = `${subject.label} without ${names.join(" or ")}`
      const { code, paths } = await rejectionOf(context, inputCase, heads(names), label)
      context.expect(code, label).toBe("invalid_request")
      const path = names[0] === "images" ? "image" : names[0]
      context.expect(paths, `${label}: the issues`).toContain(path)
    }
  }
}

const inputForeign: Clause = async (context) => {
  for (const subject of firstSubjects(context)) {
    const { fields } = subject.taskCard
    const takes = (name: string): boolean =>
      (name === "image" || name === "references"
        ? (fields.image ?? fields.images)
        : fields[name as "mask"]) !== undefined
    for (const [name, value] of Object.entries(foreignInputs)) {
      if (takes(name)) continue
      for (const policy of ["adapt", "strict"]) {
        const label = `${subject.label} with ${name}, which the task does not take, ${policy}`
        const error = await failureOf(
          context,
          clientOf(context, subject).plan(requestWith(subject, { [name]: value, policy })),
          label,
        )
        context
          .expect([error.code, error.issues?.map(({ path }) => path)], label)
          .toEqual(["unsupported", [name]])
      }
    }
  }
}

const inputLimits: Clause = async (context) => {
  const { expect } = context
  for (const inputCase of inputCasesOf(context))
    for (const [name, { parameter }] of Object.entries(inputCase.inputs)) {
      if (parameter.kind !== "image" && parameter.kind !== "images") continue
      const {
        side: [, mostSide] = [0, 0],
        types,
        opaque,
        pixels: [, mostPixels] = [0, 0],
      } = parameter.limits
      const side = sideOf(inputCase.subject.taskCard)
      const wide = mostSide > 0 ? mostSide + 1 : Math.ceil(mostPixels / side) + 1
      const broken: readonly (readonly [what: string, bytes: Uint8Array])[] = [
        ...(types.includes("image/gif")
          ? []
          : [["of another type", headOf("image/gif", side, side)] as const]),
        ...(mostSide > 0 || mostPixels > 0 ? [["too large", headOfPng(wide, side)] as const] : []),
        ...(opaque
          ? [["transparent", headOfPng(side, side, { hasAlpha: true, name: "clear" })] as const]
          : []),
      ]
      for (const [what, bytes] of broken) {
        const label = `${inputCase.label}, ${name} ${what}`
        const { code, issues, paths } = await rejectionOf(
          context,
          inputCase,
          {
            [name]: parameter.kind === "images" ? [bytes] : bytes,
            margins: undefined,
            policy: "strict",
          },
          label,
        )
        expect(code, label).toBe("invalid_request")
        expect(new Set(paths), `${label}: the issues`).toContain(
          parameter.kind === "images" ? "images.0" : name,
        )
        for (const issue of issues)
          if (issue.path.startsWith(name))
            expect(issue.allowed, `${label}: the limit`).toBeTypeOf("string")
      }
    }
}

export const inputClauses = {
  "input-places": inputPlaces,
  "input-missing": inputMissing,
  "input-foreign": inputForeign,
  "input-limits": inputLimits,
} as const
