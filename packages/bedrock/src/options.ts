import { ImageError } from "@pictor/core"
import type { HttpHandler } from "@smithy/core/protocols"
import { isRegion } from "./parse.ts"

/** Keys of an AWS identity; `sessionToken` where they are temporary, `expiration` where a provider function is to be asked again. */
export interface BedrockCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  readonly expiration?: Date | undefined
}

/** An OIDC token that STS exchanges for a role; give `token` or `tokenFile`. */
export interface WebIdentity {
  readonly roleArn: string
  readonly token?: string | undefined
  /** Read again at every exchange. */
  readonly tokenFile?: string | undefined
  readonly sessionName?: string | undefined
}

/** A Bedrock guardrail that judges prompt and picture. */
export interface Guardrail {
  readonly id: string
  readonly version: string
  readonly trace?: "ENABLED" | "DISABLED" | "ENABLED_FULL" | undefined
}

/** What an API key or the keys of an identity come from; the SDK's own chain is used where nothing is given. */
export interface IdentityOptions {
  /** The SDK's own sources are skipped, as is an API key in the environment. */
  readonly credentials?: BedrockCredentials | (() => Promise<BedrockCredentials>) | undefined
  /** A profile of the shared AWS files: keys, SSO, `credential_process`, assume-role, web identity. */
  readonly profile?: string | undefined
  /** The role to assume, with the other source's identity. */
  readonly roleArn?: string | undefined
  readonly externalId?: string | undefined
  readonly sessionName?: string | undefined
  readonly webIdentity?: WebIdentity | undefined
  /** Where `roleArn` and `webIdentity` are exchanged for keys: an absolute URL. Default: AWS's STS of the region. */
  readonly stsEndpoint?: string | undefined
  /** A Bedrock API key; a function is asked before every call. */
  readonly apiKey?: string | (() => string | Promise<string>) | undefined
}

/** Options of `bedrock()`. */
export interface BedrockOptions extends IdentityOptions {
  /** Wins over the region in an ARN, `AWS_REGION`, `AWS_REGION_NAME`, `AWS_DEFAULT_REGION` and the profile's. */
  readonly region?: string | undefined
  /** An absolute URL; wins over every endpoint in the environment and in the profile. */
  readonly endpoint?: string | undefined
  /** Of one attempt, from its first step to the reply's last byte. Default 300,000. */
  readonly timeoutMs?: number | undefined
  /** In place of the SDK's HTTP/2 handler, for example a `NodeHttpHandler` with a proxy agent. `close()` destroys it. */
  readonly requestHandler?: HttpHandler | undefined
  readonly guardrail?: Guardrail | undefined
  /** Use InvokeModelWithResponseStream; only models whose page names it (SDXL, Titan). */
  readonly stream?: boolean | undefined
}

export const defaultTimeoutMs = 300_000
const longestTimerMs = 2_147_483_647

/** Refuses what can be seen to be wrong before any call. */
export const checkOptions = (options: BedrockOptions): void => {
  const wrong = findMistake(options)
  if (wrong) throw new ImageError({ code: "invalid_request", message: `bedrock(): ${wrong}` })
}

const findMistake = ({
  region,
  endpoint,
  timeoutMs,
  ...identity
}: BedrockOptions): string | undefined => {
  if (region && !isRegion(region))
    return "region may hold lower-case letters, digits and hyphens only; give one like us-west-2"
  if (endpoint && !isHttpUrl(endpoint))
    return "endpoint is no absolute http or https URL; give one like http://127.0.0.1:4600"
  if (
    timeoutMs !== undefined &&
    !(Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= longestTimerMs)
  )
    return `timeoutMs must be a whole number of milliseconds from 1 to ${longestTimerMs}`
  return findIdentityMistake(identity)
}

const findIdentityMistake = ({ stsEndpoint, ...identity }: IdentityOptions): string | undefined => {
  if (stsEndpoint && !isHttpUrl(stsEndpoint))
    return "stsEndpoint is no absolute http or https URL; give one like https://sts.us-west-2.amazonaws.com"
  return findConflict(identity)
}

const findConflict = ({
  credentials,
  webIdentity,
  apiKey,
  roleArn,
  externalId,
  sessionName,
}: IdentityOptions): string | undefined => {
  const given = Object.entries({ credentials, webIdentity, apiKey }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  )
  if (given.length > 1) return `${given.join(" and ")} exclude each other; give one`
  if (apiKey !== undefined && roleArn) return "apiKey and roleArn exclude each other; give one"
  if (!roleArn && (externalId || sessionName))
    return "externalId and sessionName belong to roleArn; give that too"
  if (webIdentity && (webIdentity.token === undefined) === (webIdentity.tokenFile === undefined))
    return "webIdentity needs either token or tokenFile"
  return undefined
}

const isHttpUrl = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
