import type { ModelCard, Parameter, TaskCard } from "./card.ts"
import type { InputName } from "./request.ts"

type IdOf<Alias> = Alias extends { readonly id: infer Id extends string }
  ? Id
  : Alias extends string
    ? Alias
    : never

type CardIds<Card> = Card extends ModelCard
  ?
      | Card["id"]
      | (Card extends { readonly aliases: readonly (infer Alias)[] } ? IdOf<Alias> : never)
      | (Card extends { readonly callableIds: readonly (infer Id extends string)[] } ? Id : never)
  : never

type EnumValue<Field> = Field extends { readonly values: readonly (infer Value)[] }
  ? Value | (Field extends { readonly tolerated: readonly (infer Other)[] } ? Other : never)
  : never

type TierName<Field> = Field extends { readonly values: infer Tiers } ? keyof Tiers & string : never

type AnyObject = Readonly<Record<string, unknown>>

interface ValuesByKind<Field> {
  readonly range: number
  readonly seed: number
  readonly count: number
  readonly enum: EnumValue<Field>
  readonly text: string
  readonly ratios: string
  readonly sizes: EnumValue<Field>
  readonly grid: string
  readonly tiers: TierName<Field>
  readonly image: string
  readonly mask: string
  readonly prompts: readonly { readonly text: string; readonly weight?: number }[]
  readonly images: readonly string[]
  readonly colors: readonly string[]
  readonly flag: boolean
  readonly json: Field extends { readonly list: true } ? readonly AnyObject[] : AnyObject
}

type ValueOf<Field extends Parameter> = Field["kind"] extends keyof ValuesByKind<Field>
  ? ValuesByKind<Field>[Field["kind"]]
  : never

/** `"a.b"` of a value → `{ a?: { b?: value } }`. A position in a list is a key of digits. */
type Nested<Path extends string, Value> = Path extends `${infer Head}.${infer Rest}`
  ? { readonly [Key in Head]?: Nested<Rest, Value> }
  : { readonly [Key in Path]?: Value }

type BodyFieldsOf<Parameters> = {
  [Name in keyof Parameters]: Parameters[Name] extends Parameter
    ? BodyFields<Parameters[Name]>
    : never
}[keyof Parameters]

type BodyFields<Field extends Parameter> = Field extends {
  readonly kind: "object"
  readonly fields: infer Parts
}
  ? BodyFieldsOf<Parts>
  : AtPath<Field> | AtPathBeside<Field> | AtPlaces<Field> | Implied<Field>

// Places that are computed have no literal types.
type AtPlaces<Field extends Parameter> = Field extends { readonly places: readonly (infer Path)[] }
  ? string extends Path
    ? never
    : { [Place in Path & string]: Nested<Place, string> }[Path & string]
  : never

type AtPath<Field extends Parameter> = Field extends { readonly path: infer Path }
  ? Path extends string
    ? Nested<Path, ValueOf<Field>>
    : Path extends readonly [infer Width extends string, infer Height extends string]
      ? Nested<Width | Height, number>
      : never
  : never

type AtPathBeside<Field extends Parameter> = Field extends { readonly pathBeside: infer Paths }
  ? Nested<Paths[keyof Paths] & string, ValueOf<Field>>
  : never

// The allowed value depends on other fields: planning checks it.
type Implied<Field extends Parameter> = Field extends { readonly implies: infer Values }
  ? { [Path in keyof Values & string]: Nested<Path, Widened<Values[Path]>> }[keyof Values & string]
  : never

type Widened<Value> = Value extends string ? string : Value extends number ? number : boolean

type OwnOptions<Card> = Card extends { readonly options: infer Options }
  ? {
      [Path in keyof Options & string]: Options[Path] extends Parameter
        ? Nested<Path, ValueOf<Options[Path]>>
        : never
    }[keyof Options & string]
  : never

type Constants<Card> = Card extends { readonly constants: infer Values }
  ? { [Path in keyof Values & string]: Nested<Path, Values[Path]> }[keyof Values & string]
  : never

export type UnionToIntersection<Union> = (
  Union extends Union
    ? (each: Union) => void
    : never
) extends (each: infer Intersection) => void
  ? Intersection
  : never

/** The same type without intersections. Keys of digits become a list. */
type Flat<Type> = Type extends readonly unknown[]
  ? Type
  : Type extends object
    ? string extends keyof Type
      ? Type
      : [keyof Type] extends [never]
        ? Type
        : keyof Type extends `${number}`
          ? readonly Flat<NonNullable<Type[keyof Type]>>[]
          : { readonly [Key in keyof Type]: Flat<Type[Key]> }
    : Type

type OptionsOfTask<Card> = Card extends TaskCard
  ? UnionToIntersection<BodyFieldsOf<Card["fields"]> | OwnOptions<Card> | Constants<Card>>
  : never

type OptionsOfCard<Card> = Card extends { readonly tasks: infer Tasks }
  ? Flat<{ [Name in keyof Tasks]: OptionsOfTask<Tasks[Name]> }[keyof Tasks]>
  : never

/** The inputs of a task. A task with `image` or `images` takes both, and references. */
type InputsOfTask<Card> = Card extends TaskCard
  ?
      | (keyof Card["fields"] & InputName)
      | (Card["fields"] extends { readonly image: unknown } | { readonly images: unknown }
          ? "image" | "images" | "references"
          : never)
  : never

type SizeOfField<Field> = Field extends { readonly kind: "sizes" | "ratios" }
  ? EnumValue<Field>
  : Field extends { readonly kind: "tiers" }
    ? TierName<Field>
    : Field extends { readonly kind: "grid" }
      ? `${number}x${number}`
      : never

type SizeOfTask<Card> = Card extends { readonly fields: infer Fields }
  ? SizeOfField<Fields[keyof Fields & "size"]> | SizeOfField<Fields[keyof Fields & "aspectRatio"]>
  : never

/** Every size, tier and aspect ratio that a task of the model takes as it is. */
type SizesOfCard<Card> = Card extends { readonly tasks: infer Tasks }
  ? { [Name in keyof Tasks]: SizeOfTask<Tasks[Name]> }[keyof Tasks]
  : never

/**
 * Model id → the types of the model's `options`, of its sizes and of its tasks' inputs. An adapter
 * exports an interface that extends it, so that declarations and hovers print the interface's name.
 *
 * @example
 * export interface EchoModels extends ModelTypes<typeof models> {}
 */
export type ModelTypes<Cards extends readonly ModelCard[]> = {
  readonly [Card in Cards[number] as string extends CardIds<Card> ? never : CardIds<Card>]: {
    readonly options: OptionsOfCard<Card>
    readonly sizes: SizesOfCard<Card>
    readonly inputs: {
      readonly [Name in keyof Card["tasks"]]: InputsOfTask<Card["tasks"][Name]>
    }
  }
}
