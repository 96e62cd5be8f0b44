import type { BedrockOptions } from "@pictor/bedrock"
import type { ImageAdapter, ModelCard } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"

/** The prefixes of model strings, which are LiteLLM's names of providers. */
export const familyNames = [
  "bedrock",
  "openai",
  "azure",
  "gemini",
  "vertex_ai",
  "black_forest_labs",
  "xai",
  "hosted_vllm",
] as const

export type FamilyName = (typeof familyNames)[number]

const openaiModel = /^(gpt-image|chatgpt-image|dall-e)/

/** The family of a model string. Without a prefix it is a model of Bedrock, or an OpenAI id. */
export const familyNameOf = (model: string): FamilyName | undefined => {
  const [prefix, ...rest] = model.split("/")
  if (rest.length === 0) return openaiModel.test(model) ? "openai" : "bedrock"
  if (model.startsWith("arn:")) return "bedrock"
  return familyNames.find((name) => name === prefix)
}

/** An HTTP API and how it is called. Contains secrets. */
export interface HttpTarget {
  /** Without it no key is sent. */
  readonly key?: string
  /** The key is an access token. */
  readonly isToken?: boolean
  readonly baseUrl?: string
  readonly timeoutMs?: number
  readonly organization?: string
  readonly apiVersion?: string
  readonly project?: string
  readonly location?: string
  /** The path of a file, its text or its content. Default: Google's default credentials. */
  readonly googleCredentials?: string | object
}

export interface NamedModel {
  readonly card: ModelCard
  /** The id that is called instead of the card's id. */
  readonly modelId?: string
  readonly region?: string
  readonly warnings: readonly string[]
}

/** What a model string may depend on besides its text. */
export interface ModelContext {
  readonly baseModel?: string
  /** The card of a model that the family does not list. */
  readonly customCard?: ModelCard
}

export interface Target {
  /** Of the family `bedrock`. Contains secrets. */
  readonly bedrock?: BedrockOptions
  /** Of the other families. */
  readonly http?: HttpTarget
}

/** The models behind one prefix, and how they are called. */
export interface Family {
  readonly name: FamilyName
  /** In messages: "Amazon Bedrock". */
  readonly label: string
  /** The vendor in lists of models. Default: the first part of a card's id. */
  readonly ownedBy?: string
  readonly cards: readonly ModelCard[]
  /** The model of a model string, or the reason why there is none, with a remedy. */
  resolve(model: string, context: ModelContext): NamedModel | string
  /** Creates a card from `model_info.pictor`, for servers with models of their own. */
  customCard?(id: string, settings: object): ModelCard
  transport(target: Target, bedrock?: (options: BedrockOptions) => Transport): Transport
  adapter(card: ModelCard, transport: Transport, name: string): ImageAdapter
}

/** Further names of a model. */
export const namesOf = ({ aliases = [], callableIds = [] }: ModelCard): readonly string[] => [
  ...aliases.map((alias) => (typeof alias === "string" ? alias : alias.id)),
  ...callableIds,
]
