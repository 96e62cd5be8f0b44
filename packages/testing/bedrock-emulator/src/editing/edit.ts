import type { Drawing, JsonObject, Painted, Pixels } from "@pictor/emulator-kit"

/** The input of an edit. */
export type Editing = {
  readonly drawing: Drawing
  /** The object of the body with the task's fields. */
  readonly parameters: JsonObject
  /** The edit's first picture. */
  readonly image: Pixels
  /** Another picture, by its path in the parameters. */
  readonly input: (path: string) => Pixels | undefined
}

/** The emulation of a task with an input picture. */
export type Edit = {
  /** The body's key with the task's fields. Empty for the body itself. */
  readonly within: string
  /**
   * The paths of the pictures in it, such as `garment/mask`. The items of a list are `…/0` and so
   * on.
   */
  readonly pictures: readonly [string, ...string[]]
  readonly paint: (editing: Editing) => Painted | Promise<Painted>
}

/** The edits of a family, by task. */
export type Edits = { readonly [task: string]: Edit }
