import { existsSync } from "node:fs"
import { join } from "node:path"
import type { ImageAdapter } from "@pictor/core"

/** How the adapters of a provider are made. */
interface Connection {
  /** Else to an emulator in this process. */
  readonly live: boolean
  readonly region: string | undefined
  readonly environment: NodeJS.ProcessEnv
}

interface RunningEmulator {
  readonly url: string
  close(): Promise<void>
}

export interface Provider {
  readonly name: string
  readonly title: string
  /** Environment variables that hold its credentials. One of them is enough. */
  readonly keys: readonly string[]
  /** Files in the home folder that may hold its credentials. */
  readonly files?: readonly string[]
  readonly adapters: (connection: Connection) => Promise<readonly ImageAdapter[]>
  /** Absent: its emulator is another provider's. */
  readonly emulator?: {
    readonly port: number
    readonly start: (port: number) => Promise<RunningEmulator>
    /** The settings of clients. */
    readonly settings: (url: string) => readonly string[]
  }
}

interface Emulated {
  readonly baseUrl: () => Promise<string>
  readonly onClose: () => Promise<void>
}

/** `load` is called by the first call only, because emulators load slowly. */
const once = <Value>(load: () => Promise<Value>): (() => Promise<Value>) => {
  let value: Promise<Value> | undefined
  return () => {
    value ??= load()
    return value
  }
}

const httpTo = async (
  { live, environment }: Connection,
  keys: readonly string[],
  load: () => Promise<Emulated>,
) => {
  const { http } = await import("@pictor/http")
  if (live) return http({ key: keys.map((name) => environment[name]).find(Boolean) })
  const emulated = once(load)
  return http({
    key: "emulated",
    baseUrl: async () => (await emulated()).baseUrl(),
    onClose: async () => (await emulated()).onClose(),
  })
}

const bedrockTo = async ({ live, region }: Connection) => {
  const { bedrock } = await import("@pictor/bedrock")
  if (live) return bedrock({ region })
  const emulated = once(async () => (await import("@pictor/bedrock-emulator")).emulated())
  return bedrock({
    region: region ?? "us-west-2",
    credentials: { accessKeyId: "emulated", secretAccessKey: "emulated" },
    endpoint: async () => (await emulated()).endpoint(),
    onClose: async () => (await emulated()).onClose(),
  })
}

const loadOpenai = async (): Promise<Emulated> =>
  (await import("@pictor/openai-emulator")).emulated()

const keys = {
  openai: ["OPENAI_API_KEY"],
  xai: ["XAI_API_KEY"],
  gemini: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
  flux: ["BFL_API_KEY"],
} as const

/** Every provider. An adapter that is named here appears in all commands. */
export const providers: readonly Provider[] = [
  {
    name: "bedrock",
    title: "Amazon Bedrock",
    keys: ["AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_ROLE_ARN"],
    files: [".aws/credentials", ".aws/config"],
    adapters: async (connection) => {
      const [transport, sd3, services, nova, omni, titan, sdxl] = await Promise.all([
        bedrockTo(connection),
        import("@pictor/sd3"),
        import("@pictor/stability-services"),
        import("@pictor/nova-canvas"),
        import("@pictor/nova-omni"),
        import("@pictor/titan"),
        import("@pictor/stability-sdxl"),
      ])
      return [
        sd3.sd3(transport),
        services.stabilityServices(transport),
        nova.novaCanvas(transport),
        omni.novaOmni(transport),
        titan.titan(transport),
        sdxl.stabilitySdxl(transport),
      ]
    },
    emulator: {
      port: 4566,
      start: async (port) =>
        (await import("@pictor/bedrock-emulator")).createBedrockEmulator({ port, keepRequests: 0 }),
      settings: (url) => [
        `AWS_ENDPOINT_URL_BEDROCK_RUNTIME=${url}`,
        "AWS_BEARER_TOKEN_BEDROCK=emulated",
        "AWS_REGION=us-west-2",
      ],
    },
  },
  {
    name: "openai",
    title: "OpenAI",
    keys: keys.openai,
    adapters: async (connection) => {
      const { openaiImages } = await import("@pictor/openai-images")
      return [openaiImages(await httpTo(connection, keys.openai, loadOpenai))]
    },
    emulator: {
      port: 4567,
      start: async (port) =>
        (await import("@pictor/openai-emulator")).createOpenAiEmulator({ port }),
      settings: (url) => [`OPENAI_BASE_URL=${url}/v1`, "OPENAI_API_KEY=emulated"],
    },
  },
  {
    name: "xai",
    title: "xAI",
    keys: keys.xai,
    adapters: async (connection) => {
      const { xaiImages } = await import("@pictor/openai-images")
      return [xaiImages(await httpTo(connection, keys.xai, loadOpenai))]
    },
  },
  {
    name: "gemini",
    title: "Google Gemini",
    keys: keys.gemini,
    adapters: async (connection) => {
      const { geminiImage } = await import("@pictor/gemini-image")
      const load = async (): Promise<Emulated> =>
        (await import("@pictor/gemini-emulator")).emulated()
      return [geminiImage(await httpTo(connection, keys.gemini, load))]
    },
    emulator: {
      port: 4568,
      start: async (port) =>
        (await import("@pictor/gemini-emulator")).createGeminiEmulator({ port }),
      settings: (url) => [`GOOGLE_GEMINI_BASE_URL=${url}`, "GEMINI_API_KEY=emulated"],
    },
  },
  {
    name: "flux",
    title: "Black Forest Labs",
    keys: keys.flux,
    adapters: async (connection) => {
      const { flux } = await import("@pictor/flux")
      const load = async (): Promise<Emulated> => (await import("@pictor/flux-emulator")).emulated()
      return [flux(await httpTo(connection, keys.flux, load))]
    },
    emulator: {
      port: 4569,
      start: async (port) => (await import("@pictor/flux-emulator")).createFluxEmulator({ port }),
      settings: (url) => [`base URL: ${url}/v1`, "BFL_API_KEY=emulated"],
    },
  },
]

/** Where the credentials of a provider were found, never what they are. */
export const credentialSource = (
  { keys: names, files = [] }: Provider,
  { environment, home }: { readonly environment: NodeJS.ProcessEnv; readonly home: string },
): string | undefined =>
  names.find((name) => environment[name]?.trim()) ??
  files.map((file) => join(home, file)).find((file) => existsSync(file))
