import type { JsonObject } from "../body.ts"
import type { Drawing, Painted } from "../drawing/drawing.ts"
import type { Pixels } from "../drawing/pixels.ts"

/** What an edit works on. */
export type Editing = {
  readonly drawing: Drawing
  /** The object of the body that holds the task's fields. */
  readonly parameters: JsonObject
  /** The first of the edit's pictures. */
  readonly image: Pixels
  /** A further picture, by its path below the parameters. */
  readonly input: (path: string) => Pixels | undefined
}

/** How a task that starts from a picture is emulated. */
export type Edit = {
  /** The key of the body that holds the task's fields; empty where the body itself does. */
  readonly within: string
  /** Where the pictures are below it; a path (`garment/mask`) may lead to a list, whose items are then `…/0` and so on. */
  readonly pictures: readonly [string, ...string[]]
  readonly paint: (editing: Editing) => Painted | Promise<Painted>
}

/** The edits of a family, by task. */
export type Edits = { readonly [task: string]: Edit }
