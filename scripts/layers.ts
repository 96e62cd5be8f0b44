import type { Manifest } from "./workspace.ts"

export type Layer =
  | "core"
  | "http"
  | "library"
  | "files"
  | "adapter"
  | "kit"
  | "emulator-kit"
  | "emulator"
  | "bridge"
  | "app"
  | "bench"

/**
 * What a package may name, out of this workspace (`workspace`) and out of npm (`npm`): everything,
 * nothing, or what the pattern matches.
 */
interface Allowance {
  readonly workspace: RegExp
  readonly npm: RegExp
}

interface LayerRules {
  /** Dependencies, peers and optional ones: what a consumer gets. */
  readonly runtime: Allowance
  readonly development: Allowance
}

const any = /^/
const none = /(?!)/
const core = /^@pictor\/core$/
/** The adapters: a test of one does not need another. */
const notAnAdapter =
  /^@pictor\/(?!(echo|gemini-image|openai-images|flux|sd3|stability-sdxl|stability-services|titan|nova-canvas|nova-omni)$)/
const emulatorKit = /^@pictor\/emulator-kit$/
const coreAlone = { workspace: core, npm: any }
const testTools = { workspace: /^@pictor\/(core|adapter-contract|[a-z]+-emulator)$/, npm: any }
const everything = { workspace: any, npm: any }

export const layers: Readonly<Record<Layer, LayerRules>> = {
  core: { runtime: { workspace: none, npm: none }, development: { workspace: none, npm: any } },
  http: { runtime: coreAlone, development: testTools },
  library: { runtime: { workspace: /^@pictor\/(core|http)$/, npm: any }, development: testTools },
  files: {
    runtime: { workspace: /^@pictor\/(core|ledger)$/, npm: any },
    development: testTools,
  },
  adapter: {
    runtime: { workspace: core, npm: none },
    development: { workspace: notAnAdapter, npm: /^(?!@aws-sdk\/)/ },
  },
  kit: { runtime: coreAlone, development: coreAlone },
  "emulator-kit": {
    runtime: { workspace: none, npm: any },
    development: { workspace: none, npm: any },
  },
  emulator: {
    runtime: { workspace: emulatorKit, npm: any },
    development: { workspace: emulatorKit, npm: any },
  },
  bridge: { runtime: coreAlone, development: everything },
  app: { runtime: everything, development: everything },
  bench: { runtime: everything, development: everything },
}

const folders: readonly (readonly [pattern: RegExp, layer: Layer])[] = [
  [/^packages\/core$/, "core"],
  [/^packages\/http$/, "http"],
  [/^packages\/(bedrock|images|ledger)$/, "library"],
  [/^packages\/files$/, "files"],
  [/^packages\/adapters\/[^/]+$/, "adapter"],
  [/^packages\/testing\/adapter-contract$/, "kit"],
  [/^packages\/testing\/emulator-kit$/, "emulator-kit"],
  [/^packages\/testing\/[a-z]+-emulator$/, "emulator"],
  [/^packages\/bridges\/[^/]+$/, "bridge"],
  [/^apps\/[^/]+$/, "app"],
  [/^(bench|scripts)$/, "bench"],
]

export const layerOf = (folder: string): Layer | undefined =>
  folders.find(([pattern]) => pattern.test(folder))?.[1]

const isWorkspace = (name: string): boolean => name.startsWith("@pictor/")

const refused = (declared: readonly string[], { workspace, npm }: Allowance): readonly string[] =>
  declared.filter((name) => !(isWorkspace(name) ? workspace : npm).test(name))

/** The dependencies that the layer does not allow, each as a sentence. */
export const layerViolations = (layer: Layer, manifest: Manifest): readonly string[] => {
  const runtime = Object.keys({
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
  })
  const development = Object.keys(manifest.devDependencies ?? {})
  return [
    ...refused(runtime, layers[layer].runtime).map((name) => `${layer}: may not depend on ${name}`),
    ...refused(development, layers[layer].development).map(
      (name) => `${layer}: may not name ${name} in devDependencies`,
    ),
  ]
}
