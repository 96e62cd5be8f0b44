import type { ImageAdapter, ModelCard } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { nearest, quote } from "@pictor/core/host"
import { type HttpOptions, http } from "@pictor/http"
import type { CustomModel } from "@pictor/openai-images"
import {
  type Family,
  type FamilyName,
  type HttpTarget,
  type ModelContext,
  type NamedModel,
  namesOf,
} from "./family.ts"
import { googleToken } from "./google-token.ts"

type HttpFamilyName = Exclude<FamilyName, "bedrock">

/** What a family's packages offer, once they are loaded. */
interface Loaded {
  readonly cards: readonly ModelCard[]
  readonly create: (card: ModelCard, transport: Transport, name: string) => ImageAdapter
  readonly customCard?: (id: string, settings: object) => ModelCard
  /** Options of `http` beyond key and base URL. */
  readonly options?: (target: HttpTarget) => Partial<HttpOptions>
}

interface Definition {
  readonly label: string
  readonly ownedBy?: string
  readonly load: () => Promise<Loaded>
}

/** It lists the cards of an adapter and is never called. */
const uncalled: Transport = {
  name: "uncalled",
  invoke: async () => {
    throw new TypeError("This transport lists models only.")
  },
}

const loadOpenai = async (): Promise<Loaded> => {
  const { openaiImages, customModel } = await import("@pictor/openai-images")
  const { models: cards } = openaiImages(uncalled)
  return {
    cards,
    create: (card, transport, name) =>
      cards.includes(card)
        ? openaiImages(transport, { name })
        : openaiImages(transport, { name, models: [card] }),
    customCard: (id, settings) => customModel({ ...(settings as CustomModel), id }),
    options: ({ organization }) =>
      organization === undefined ? {} : { headers: { "OpenAI-Organization": organization } },
  }
}

const loadAzure = async (): Promise<Loaded> => {
  const { azureOpenai } = await import("@pictor/openai-images")
  const { cards, create } = await loadOpenai()
  return {
    cards,
    create,
    options: ({ key = "", baseUrl: resource = "", apiVersion, isToken }) =>
      azureOpenai({
        key,
        resource,
        ...(apiVersion !== undefined && { apiVersion }),
        ...(isToken && { token: true }),
      }),
  }
}

/** A server of the user has the models that the configuration describes. */
const loadVllm = async (): Promise<Loaded> => ({
  ...(await loadOpenai()),
  cards: [],
  options: () => ({ provider: "hosted_vllm" }),
})

const loadXai = async (): Promise<Loaded> => {
  const { xaiImages } = await import("@pictor/openai-images")
  return {
    cards: xaiImages(uncalled).models,
    create: (_, transport, name) => xaiImages(transport, { name }),
  }
}

const loadGemini = async (): Promise<Loaded> => {
  const { geminiImage } = await import("@pictor/gemini-image")
  return {
    cards: geminiImage(uncalled).models,
    create: (_, transport, name) => geminiImage(transport, { name }),
  }
}

const loadVertex = async (): Promise<Loaded> => {
  const { vertexGemini, vertexGeminiImage } = await import("@pictor/gemini-image")
  return {
    cards: vertexGeminiImage(uncalled).models,
    create: (_, transport, name) => vertexGeminiImage(transport, { name }),
    options: ({ key, baseUrl, project, location, googleCredentials }) => {
      if (key !== undefined || project === undefined) return {}
      const { baseUrl: usual, ...rest } = vertexGemini({
        project,
        token: googleToken(googleCredentials),
        ...(location !== undefined && { location }),
      })
      return { ...rest, baseUrl: baseUrl ?? usual }
    },
  }
}

const loadFlux = async (): Promise<Loaded> => {
  const { flux } = await import("@pictor/flux")
  return {
    cards: flux(uncalled).models,
    create: (_, transport, name) => flux(transport, { name }),
  }
}

const definitions: Readonly<Record<HttpFamilyName, Definition>> = {
  openai: { label: "OpenAI", ownedBy: "openai", load: loadOpenai },
  azure: { label: "OpenAI on Azure", ownedBy: "openai", load: loadAzure },
  gemini: { label: "Google's Gemini API", ownedBy: "google", load: loadGemini },
  vertex_ai: { label: "Google's Vertex AI", ownedBy: "google", load: loadVertex },
  black_forest_labs: {
    label: "Black Forest Labs",
    ownedBy: "black-forest-labs",
    load: loadFlux,
  },
  xai: { label: "xAI", ownedBy: "xai", load: loadXai },
  hosted_vllm: { label: "this server", ownedBy: "hosted_vllm", load: loadVllm },
}

const withoutPrefix = (model: string, prefixes: readonly string[]): string => {
  const [prefix = "", ...rest] = model.split("/")
  return rest.length > 0 && prefixes.includes(prefix) ? rest.join("/") : model
}

const findCard = (cards: readonly ModelCard[], name: string): ModelCard | undefined =>
  cards.find((card) => card.id === name || namesOf(card).includes(name))

const aliasWarnings = ({ aliases = [] }: ModelCard, name: string): readonly string[] =>
  aliases.flatMap((alias) =>
    typeof alias === "object" && alias.id === name && alias.warning ? [alias.warning] : [],
  )

const unknownModel = (name: string, label: string, cards: readonly ModelCard[]): string => {
  if (cards.length === 0)
    return `Set model_info.mode to image_generation, or describe the model in model_info.pictor.`
  const names = nearest(
    name,
    cards.map(({ id }) => id),
  )
  return `There is no image model ${quote(name)} of ${label}. The nearest names are ${names.join(", ")}.`
}

const createResolve =
  (family: HttpFamilyName, label: string, cards: readonly ModelCard[]) =>
  (model: string, { baseModel, customCard }: ModelContext): NamedModel | string => {
    const name = withoutPrefix(model, [family])
    if (customCard) return { card: customCard, warnings: [] }
    if (family !== "azure") {
      const card = findCard(cards, name)
      return card ? { card, warnings: aliasWarnings(card, name) } : unknownModel(name, label, cards)
    }
    const base = withoutPrefix(baseModel ?? name, ["azure", "openai"])
    const card = findCard(cards, base)
    if (card) return { card, modelId: name, warnings: aliasWarnings(card, base) }
    return baseModel === undefined
      ? `The name of a deployment does not say its model. Set model_info.base_model to it, for example ${cards[0]?.id}.`
      : unknownModel(base, label, cards)
  }

export const loadHttpFamily = async (name: HttpFamilyName): Promise<Family> => {
  const { load, label, ...definition } = definitions[name]
  const { cards, create, customCard, options } = await load()
  return {
    ...definition,
    name,
    label,
    cards,
    resolve: createResolve(name, label, cards),
    ...(customCard && (name === "openai" || name === "hosted_vllm") && { customCard }),
    transport: ({ http: target = {} }) => {
      const { key, baseUrl, timeoutMs } = target
      return http({
        key: key ?? false,
        ...(baseUrl !== undefined && { baseUrl }),
        ...(timeoutMs !== undefined && { timeoutMs }),
        ...options?.(target),
      })
    },
    adapter: create,
  }
}
