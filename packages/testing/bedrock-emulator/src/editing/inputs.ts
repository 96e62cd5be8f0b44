import { at, decode, isJsonObject, type JsonObject, type Pixels } from "@pictor/emulator-kit"
import { picturesAt } from "../rules/images.ts"
import type { Violation } from "../violations.ts"
import type { Edit, Editing } from "./edit.ts"

/** A body's pictures, by JSON pointer fragment (`#/inPaintingParams/image`). */
export type Inputs = ReadonlyMap<string, Pixels>

/** Decodes the pictures of a body, or names the damaged one. */
export const readInputs = async (
  body: JsonObject,
  { within, pictures }: Edit,
): Promise<Inputs | Violation> => {
  const inputs = new Map<string, Pixels>()
  const prefix = within === "" ? [] : [within]
  for (const { where, base64 } of pictures.flatMap((path) =>
    picturesAt(body, [...prefix, ...path.split("/")]),
  )) {
    const pixels = await decode(base64)
    if (pixels === undefined) return { path: where, message: "the image cannot be decoded" }
    inputs.set(where, pixels)
  }
  return inputs
}

/** The input of an edit besides the drawing. Undefined if the body has no input picture. */
export const editingOf = (
  body: JsonObject,
  { within, pictures }: Edit,
  inputs: Inputs,
): Omit<Editing, "drawing"> | undefined => {
  const prefix = within === "" ? "#" : `#/${within}`
  const input = (path: string): Pixels | undefined => inputs.get(`${prefix}/${path}`)
  // Some families may leave the first place empty and use another one.
  const image = input(pictures[0]) ?? [...inputs.values()][0]
  const parameters = within === "" ? body : at(body, within)
  return image === undefined || !isJsonObject(parameters) ? undefined : { image, input, parameters }
}
