import { ImageError } from "@pictor/core"
import type { BedrockOptions } from "./options.ts"
import { isRegion } from "./parse.ts"

const variables = ["AWS_REGION", "AWS_REGION_NAME", "AWS_DEFAULT_REGION"] as const

/**
 * The region that a call is made to: option, ARN or `bedrock/<region>/`, `AWS_REGION`, `AWS_REGION_NAME`, `AWS_DEFAULT_REGION`, the profile's.
 * Loads the SDK's file reader only where nothing before the profile tells.
 */
export const findRegion = async (options: BedrockOptions, asked?: string): Promise<string> => {
  const region =
    options.region?.trim() || asked || fromEnvironment() || (await fromProfile(options.profile))
  if (!region) throw missing(options.profile)
  if (isRegion(region)) return region
  throw unset(
    "The AWS region found may hold lower-case letters, digits and hyphens only; set one like us-west-2 in bedrock({ region }) or AWS_REGION",
  )
}

/** No request is wrong that lacks a place to go to, and no other request would find one. */
const unset = (message: string): ImageError => new ImageError({ code: "misconfigured", message })

const fromEnvironment = (): string | undefined =>
  variables.map((name) => process.env[name]?.trim()).find(Boolean)

const profileName = (profile: string | undefined): string =>
  profile || process.env["AWS_PROFILE"] || "default"

// The credentials file goes before the config file, as in the SDK.
const fromProfile = async (profile: string | undefined): Promise<string | undefined> => {
  const { loadSharedConfigFiles } = await import("@smithy/core/config")
  const { credentialsFile, configFile } = await loadSharedConfigFiles()
  const name = profileName(profile)
  return credentialsFile[name]?.["region"]?.trim() || configFile[name]?.["region"]?.trim()
}

const missing = (profile: string | undefined): ImageError =>
  unset(
    `No AWS region was found in bedrock({ region }), the model string or ARN, ${variables.join(", ")} and the profile "${profileName(profile)}"; ` +
      'set one of them, for example bedrock({ region: "us-west-2" })',
  )
