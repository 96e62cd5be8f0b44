import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type ImageError, isImageError } from "@pictor/core"
import { type LoadedConfig, loadConfig } from "../load.ts"

/**
 * Two files of LiteLLM's documentation:
 * https://docs.litellm.ai/docs/image_generation/bedrock, seen 2026-11-20.
 */
export const pages = ["image-generation.yaml", "inference-profile.yaml"].map((name) =>
  join(import.meta.dirname, name),
)

export interface Files {
  readonly folder: string
  /** Writes the files and loads the first one. */
  load(
    files: Readonly<Record<string, string>> | string,
    environment?: Readonly<Record<string, string>>,
  ): Promise<LoadedConfig>
  /** The same, for invalid files: the error. */
  failure(
    files: Readonly<Record<string, string>> | string,
    environment?: Readonly<Record<string, string>>,
  ): Promise<ImageError>
  remove(): void
}

export const createFiles = (): Files => {
  const folder = mkdtempSync(join(tmpdir(), "gateway-config-"))
  const load: Files["load"] = async (given, environment = {}) => {
    const files = typeof given === "string" ? { "config.yaml": given } : given
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    return loadConfig(join(folder, Object.keys(files)[0] ?? ""), environment)
  }
  return {
    folder,
    load,
    failure: async (files, environment) => {
      try {
        await load(files, environment)
      } catch (error) {
        if (isImageError(error)) return error
        throw error
      }
      throw new Error("The file is valid.")
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** A list of one model, with further lines in its `litellm_params`. */
export const withParams = (...lines: readonly string[]): string =>
  [
    "model_list:",
    "  - model_name: paint",
    "    litellm_params:",
    "      model: bedrock/amazon.nova-canvas-v1:0",
    ...lines.map((line) => `      ${line}`),
  ].join("\n")

/** The same, followed by a section. */
export const withSection = (name: string, ...lines: readonly string[]): string =>
  `${withParams()}\n${name}:\n${lines.map((line) => `  ${line}`).join("\n")}\n`
