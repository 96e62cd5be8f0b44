import { ImageError } from "@pictor/core"
import { nearest } from "@pictor/core/host"
import type { ClientOptions } from "@pictor/http/client"
import type { HttpHandler } from "@smithy/core/protocols"
import { isHttpUrl, isRegion } from "./endpoint.ts"

/** Keys of an AWS identity. */
export interface BedrockCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of temporary keys. */
  readonly sessionToken?: string | undefined
  /** When a function that returns the keys must be called again. */
  readonly expiration?: Date | undefined
}

/** An OIDC token that STS exchanges for a role. Set either `token` or `tokenFile`. */
export interface WebIdentity {
  readonly roleArn: string
  readonly token?: string | undefined
  /** Is read again for each exchange. */
  readonly tokenFile?: string | undefined
  readonly sessionName?: string | undefined
}

/** A Bedrock guardrail that checks prompt and image. */
export interface Guardrail {
  readonly id: string
  readonly version: string
  readonly trace?: "ENABLED" | "DISABLED" | "ENABLED_FULL" | undefined
}

/** The source of the API key or of the keys. Default: the SDK's credential chain. */
export interface IdentityOptions {
  /** Has precedence over the SDK's own sources and over an API key in the environment. */
  readonly credentials?: BedrockCredentials | (() => Promise<BedrockCredentials>) | undefined
  /**
   * A profile of the shared AWS files: keys, SSO, `credential_process`, assume-role, web identity.
   */
  readonly profile?: string | undefined
  /** A role to assume with the identity of the other source. */
  readonly roleArn?: string | undefined
  readonly externalId?: string | undefined
  readonly sessionName?: string | undefined
  readonly webIdentity?: WebIdentity | undefined
  /**
   * An absolute URL of the STS for `roleArn` and `webIdentity`. Default: AWS's STS of the region.
   */
  readonly stsEndpoint?: string | undefined
  /** A Bedrock API key. A function is called before every call. */
  readonly apiKey?: string | (() => string | Promise<string>) | undefined
}

/** Options of `bedrock()`. */
export interface BedrockOptions extends IdentityOptions, ClientOptions {
  /**
   * Has precedence over the region in an ARN, `AWS_REGION`, `AWS_REGION_NAME`, `AWS_DEFAULT_REGION`
   * and the profile's.
   */
  readonly region?: string | undefined
  /**
   * An absolute URL, which has precedence over every endpoint in the environment and in the
   * profile.
   * A function is called at the first call, and again at the first call after `close()`.
   */
  readonly endpoint?: string | (() => string | Promise<string>) | undefined
  /** Is called by `close()` if a call was made, after the last connection is closed. */
  readonly onClose?: (() => void | Promise<void>) | undefined
  /** The time limit of one attempt, until the last byte of the reply. Default 300,000. */
  readonly timeoutMs?: number | undefined
  /**
   * Replaces the HTTP/1.1 client, for example with a `NodeHttpHandler`. It cannot tell whether a
   * request was sent, so a failure counts as maybe billed unless the connection was refused or the
   * host name was not found. `close()` destroys it.
   */
  readonly requestHandler?: HttpHandler | undefined
  readonly guardrail?: Guardrail | undefined
  /** Use InvokeModelWithResponseStream. Only for models whose page names it (SDXL, Titan). */
  readonly stream?: boolean | undefined
}

export const defaultTimeoutMs = 300_000
const maxTimerMs = 2_147_483_647

const knownOptions = Object.keys({
  apiKey: true,
  connections: true,
  credentials: true,
  dispatcher: true,
  endpoint: true,
  externalId: true,
  guardrail: true,
  maxReplyBytes: true,
  onClose: true,
  profile: true,
  region: true,
  requestHandler: true,
  roleArn: true,
  sessionName: true,
  stream: true,
  stsEndpoint: true,
  timeoutMs: true,
  webIdentity: true,
} satisfies Record<keyof BedrockOptions, true>)

/** Rejects mistakes that are visible before a call. */
export const checkOptions = (options: BedrockOptions): void => {
  const mistake =
    unknownOption(options) ??
    findMistake(options) ??
    findHttpMistake(options) ??
    findConflict(options)
  if (mistake) throw new ImageError({ code: "invalid_request", message: `bedrock(): ${mistake}` })
}

const unknownOption = (options: BedrockOptions): string | undefined => {
  const unknown = Object.keys(options).find((name) => !knownOptions.includes(name))
  if (unknown === undefined) return undefined
  return `there is no option ${unknown.slice(0, 60)}; the nearest is ${nearest(unknown, knownOptions, 1)[0]}`
}

const findMistake = ({
  region,
  endpoint,
  stsEndpoint,
  timeoutMs,
}: BedrockOptions): string | undefined => {
  if (region && !isRegion(region))
    return "region may contain only lower-case letters, digits and hyphens, such as us-west-2"
  if (typeof endpoint === "string" && endpoint && !isHttpUrl(endpoint))
    return "endpoint must be an absolute http or https URL, such as http://127.0.0.1:4566"
  if (stsEndpoint && !isHttpUrl(stsEndpoint))
    return "stsEndpoint must be an absolute http or https URL, such as https://sts.us-west-2.amazonaws.com"
  if (
    timeoutMs !== undefined &&
    !(Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= maxTimerMs)
  )
    return `timeoutMs must be a whole number of milliseconds from 1 to ${maxTimerMs.toLocaleString("en-US")}`
  return undefined
}

const findHttpMistake = ({
  connections,
  dispatcher,
  maxReplyBytes,
  requestHandler,
}: BedrockOptions): string | undefined => {
  for (const [name, value] of Object.entries({ connections, maxReplyBytes }))
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      return `${name} must be a whole number of at least 1`
  const given = namesOf({ connections, dispatcher, requestHandler })
  return given.length > 1 ? `${given.join(" and ")} exclude each other; set one` : undefined
}

const findConflict = (options: BedrockOptions): string | undefined => {
  const { credentials, webIdentity, apiKey, roleArn, externalId, sessionName } = options
  const given = namesOf({ credentials, webIdentity, apiKey })
  if (given.length > 1) return `${given.join(" and ")} exclude each other; set one`
  if (apiKey !== undefined && roleArn) return "apiKey and roleArn exclude each other; set one"
  if (!roleArn && (externalId || sessionName))
    return "externalId and sessionName require roleArn; set it too"
  if (webIdentity && (webIdentity.token === undefined) === (webIdentity.tokenFile === undefined))
    return "webIdentity requires either token or tokenFile"
  return undefined
}

const namesOf = (options: Partial<BedrockOptions>): readonly string[] =>
  Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]))
