import type { InputName, ModelCard, Parameter, TaskCard } from "./card.ts"

/** The ids, aliases and profiles of a card. */
type CardIds<Card> = Card extends ModelCard
  ?
      | Card["id"]
      | (Card extends { readonly aliases: readonly (infer Each)[] }
          ? Each extends { readonly id: infer Id extends string }
            ? Id
            : Each extends string
              ? Each
              : never
          : never)
      | (Card extends { readonly profiles: readonly (infer Profile extends string)[] }
          ? Profile
          : never)
  : never

type ValueOf<Each extends Parameter> = Each extends { readonly kind: "range" | "seed" | "count" }
  ? number
  : Each extends { readonly kind: "enum"; readonly values: readonly (infer Value)[] }
    ? Value | (Each extends { readonly tolerated: readonly (infer Other)[] } ? Other : never)
    : Each extends { readonly kind: "text" | "ratios" | "image" | "mask" }
      ? string
      : Each extends { readonly kind: "prompts" }
        ? readonly { readonly text: string; readonly weight?: number }[]
        : Each extends { readonly kind: "images" | "colors" }
          ? readonly string[]
          : Each extends { readonly kind: "flag" }
            ? boolean
            : Each extends { readonly kind: "json" }
              ? Readonly<Record<string, unknown>>
              : never

/** `"a.b"` of a value → `{ a?: { b?: value } }`. */
type Nested<Path extends string, Value> = Path extends `${infer Head}.${infer Rest}`
  ? { readonly [Key in Head]?: Nested<Rest, Value> }
  : { readonly [Key in Path]?: Value }

type Inner<Parts> = {
  [Name in keyof Parts]: Parts[Name] extends Parameter ? Placed<Parts[Name]> : never
}[keyof Parts]

type Placed<Each extends Parameter> = Each extends {
  readonly kind: "object"
  readonly fields: infer Parts
}
  ? Inner<Parts>
  : AtWire<Each> | Beside<Each> | Said<Each>

type AtWire<Each extends Parameter> = Each extends { readonly path: infer Wire }
  ? Wire extends string
    ? Nested<Wire, ValueOf<Each>>
    : Wire extends readonly [infer Width extends string, infer Height extends string]
      ? Nested<Width | Height, number>
      : never
  : never

type Beside<Each extends Parameter> = Each extends { readonly pathBeside: infer Wires }
  ? Nested<Wires[keyof Wires] & string, ValueOf<Each>>
  : never

// Which word it is depends on what else is given, so that planning has to check it.
type Said<Each extends Parameter> = Each extends { readonly implies: infer Words }
  ? { [Path in keyof Words & string]: Nested<Path, string> }[keyof Words & string]
  : never

type All<Union> = (Union extends Union ? (each: Union) => void : never) extends (
  each: infer Both,
) => void
  ? Both
  : never

type Fields<Card extends TaskCard> = {
  [Name in keyof Card["fields"]]: Card["fields"][Name] extends Parameter
    ? Placed<Card["fields"][Name]>
    : never
}[keyof Card["fields"]]
type Own<Card> = Card extends { readonly options: infer Options }
  ? {
      [Path in keyof Options & string]: Options[Path] extends Parameter
        ? Nested<Path, ValueOf<Options[Path]>>
        : never
    }[keyof Options & string]
  : never
type Fixed<Card> = Card extends { readonly constants: infer Values }
  ? { [Path in keyof Values & string]: Nested<Path, Values[Path]> }[keyof Values & string]
  : never

type Tidy<Type> = Type extends readonly unknown[]
  ? Type
  : Type extends object
    ? string extends keyof Type
      ? Type
      : { readonly [Key in keyof Type]: Tidy<Type[Key]> }
    : Type

type OptionsOfTask<Card> = Card extends TaskCard
  ? All<Fields<Card> | Own<Card> | Fixed<Card>>
  : never
type OptionsOfCard<Card> = Card extends { readonly tasks: infer Tasks }
  ? Tidy<{ [Name in keyof Tasks]: OptionsOfTask<Tasks[Name]> }[keyof Tasks]>
  : never

/** The inputs that a task of a card takes; `image` and `images` stand for each other. */
type InputsOfTask<Card> = Card extends { readonly fields: infer Fields }
  ?
      | (keyof Fields & InputName)
      | (keyof Fields & ("image" | "images") extends never ? never : "image" | "images")
  : never

/**
 * Model id → the type of the model's `options`, and the inputs of its tasks. An adapter exports it
 * as an interface, so that declarations and hovers
 * show its name: `interface EchoModels extends ModelTypes<typeof models> {}`.
 */
export type ModelTypes<Cards extends readonly ModelCard[]> = {
  readonly [Card in Cards[number] as string extends CardIds<Card> ? never : CardIds<Card>]: {
    readonly options: OptionsOfCard<Card>
    readonly inputs: {
      readonly [Name in keyof Card["tasks"]]: InputsOfTask<Card["tasks"][Name]>
    }
  }
}
