import { bedrock } from "@pictor/bedrock"
import { emulated as emulatedBedrock } from "@pictor/bedrock-emulator"
import type { ImageAdapter } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { flux } from "@pictor/flux"
import { emulated as emulatedFlux, type FluxEmulatorOptions } from "@pictor/flux-emulator"
import { emulated as emulatedGemini } from "@pictor/gemini-emulator"
import { geminiImage } from "@pictor/gemini-image"
import { type HttpOptions, http } from "@pictor/http"
import { novaCanvas } from "@pictor/nova-canvas"
import { novaOmni } from "@pictor/nova-omni"
import { emulated as emulatedOpenai } from "@pictor/openai-emulator"
import { openaiImages } from "@pictor/openai-images"
import { sd3 } from "@pictor/sd3"
import { stabilitySdxl } from "@pictor/stability-sdxl"
import { titan } from "@pictor/titan"

/** The prompt of a command line without words. */
export const defaultPrompt = "Sri lanka tea plantation."

/** The size of a command line without `--size`: most models have it, or its ratio. */
export const defaultSize = "1536x1024"

/** Transports to one provider. Without a region they call the provider's usual one. */
export type Connection = (region?: string) => Transport

/** An API key in an environment variable. */
export interface Key {
  readonly variable: string
  /** Where a user creates one. */
  readonly page: string
}

interface Provider {
  readonly title: string
  readonly adapters: (transport: Transport) => readonly ImageAdapter[]
  /** The models of a command line without `--model`. */
  readonly models: readonly string[]
  /** The region of a model whose card names none. Absent where there are no regions. */
  readonly usualRegion?: string
  /** Absent where the provider's SDK looks for credentials. */
  readonly key?: Key
  /** To the real API. */
  readonly live: (region: string | undefined, key: string | undefined) => Transport
  /** To one emulator in this process: the first call starts it, the last client closes it. */
  emulate(options?: object): Connection
}

const overHttp = <Options extends object>(emulated: (options?: Options) => HttpOptions) => ({
  live: (region: string | undefined, key: string | undefined): Transport => http({ region, key }),
  emulate: (options?: Options): Connection => {
    // Address and key are options, so no setting of the environment can replace them.
    const emulator = emulated(options)
    return () => http(emulator)
  },
})

const table = {
  bedrock: {
    title: "Amazon Bedrock",
    adapters: (transport) => [
      stabilitySdxl(transport),
      sd3(transport),
      titan(transport),
      novaCanvas(transport),
      novaOmni(transport),
    ],
    models: [
      "stability.sd3-5-large-v1:0",
      "stability.stable-image-core-v1:1",
      "stability.stable-image-ultra-v1:1",
      "amazon.nova-canvas-v1:0",
      "amazon.titan-image-generator-v2:0",
      "amazon.titan-image-generator-v1",
      "stability.sd3-large-v1:0",
      "stability.stable-diffusion-xl-v1",
    ],
    usualRegion: "us-east-1",
    live: (region) => bedrock(region === undefined ? {} : { region }),
    emulate: (options?: Parameters<typeof emulatedBedrock>[0]): Connection => {
      const emulator = emulatedBedrock(options)
      return (region = emulator.region) => bedrock({ ...emulator, region })
    },
  },
  openai: {
    title: "OpenAI",
    adapters: (transport) => [openaiImages(transport)],
    models: ["gpt-image-2.6-flare", "gpt-image-2.5-flare", "gpt-image-1.5"],
    key: { variable: "OPENAI_API_KEY", page: "https://platform.openai.com/api-keys" },
    ...overHttp(emulatedOpenai),
  },
  gemini: {
    title: "Google Gemini",
    adapters: (transport) => [geminiImage(transport)],
    models: ["gemini-nano-banana-2.1", "gemini-3.1-flash-lite-image"],
    key: { variable: "GEMINI_API_KEY", page: "https://aistudio.google.com/apikey" },
    ...overHttp(emulatedGemini),
  },
  flux: {
    title: "Black Forest Labs",
    adapters: (transport) => [flux(transport)],
    models: ["flux-3-image", "flux-2-pro"],
    key: { variable: "BFL_API_KEY", page: "https://dashboard.bfl.ai" },
    // A job that is ready at the first poll keeps the run short.
    ...overHttp((options?: FluxEmulatorOptions) => emulatedFlux({ pendingPolls: 0, ...options })),
  },
} as const satisfies Readonly<Record<string, Provider>>

export type ProviderName = keyof typeof table

/** Every provider of this app, in the sequence of the tables. */
export const providers: Readonly<Record<ProviderName, Provider>> = table

export const providerNames = Object.keys(table) as readonly ProviderName[]

export const isProviderName = (name: string): name is ProviderName => Object.hasOwn(table, name)

/** Transports to any provider: to its emulator, or with `--live` to its API. */
export type Connect = (name: ProviderName, region?: string) => Transport

type EmulatorSettings = {
  readonly [Name in ProviderName]?: Parameters<(typeof table)[Name]["emulate"]>[0]
}

/** One emulator per provider, started when it is called. */
export const emulate = (settings: EmulatorSettings = {}): Connect => {
  const connections = new Map<ProviderName, Connection>()
  return (name, region) => {
    const connection = connections.get(name) ?? providers[name].emulate(settings[name])
    connections.set(name, connection)
    return connection(region)
  }
}

/** The real APIs, each with the key from its environment variable. */
export const connectLive =
  (environment: NodeJS.ProcessEnv): Connect =>
  (name, region) =>
    providers[name].live(region, keyIn(environment, name))

const keyIn = (environment: NodeJS.ProcessEnv, name: ProviderName): string | undefined => {
  const { key } = providers[name]
  return key && (environment[key.variable]?.trim() || undefined)
}

/** The keys of these providers that the environment lacks. */
export const missingKeys = (
  names: readonly ProviderName[],
  environment: NodeJS.ProcessEnv,
): readonly Key[] =>
  [...new Set(names)].flatMap((name) => {
    const { key } = providers[name]
    return key && keyIn(environment, name) === undefined ? [key] : []
  })
