import type { BedrockRuntimeClientConfig } from "@aws-sdk/client-bedrock-runtime"
import { ImageError } from "@pictor/core"
import type { BedrockCredentials, IdentityOptions } from "./options.ts"

type Identity = Pick<BedrockRuntimeClientConfig, "credentials" | "token" | "authSchemePreference">
type AwsCredentialIdentity = Extract<Identity["credentials"], { accessKeyId: string }>
type Providers = typeof import("@aws-sdk/credential-providers")

/**
 * The identity that the client signs with. Options have precedence over an API key in the
 * environment, which the SDK would prefer. A blank API key there is ignored; the SDK would send it.
 */
export const resolveIdentity = async (options: IdentityOptions): Promise<Identity> => {
  if (options.apiKey !== undefined) return bearer(options.apiKey)
  const credentials = await explicitCredentials(options)
  if (credentials) return { credentials, authSchemePreference: ["sigv4"] }
  const environmentKey = process.env["AWS_BEARER_TOKEN_BEDROCK"]
  if (environmentKey === undefined) return {}
  return environmentKey.trim() ? bearer(environmentKey) : { authSchemePreference: ["sigv4"] }
}

const bearer = (apiKey: NonNullable<IdentityOptions["apiKey"]>): Identity => ({
  authSchemePreference: ["httpBearerAuth"],
  // The SDK keeps a token until it expires. An expired one makes it call the function every time.
  token: async () =>
    typeof apiKey === "string"
      ? { token: readKey(apiKey) }
      : { token: readKey(await apiKey()), expiration: new Date(0) },
})

const readKey = (apiKey: unknown): string => {
  const key = typeof apiKey === "string" ? apiKey.trim() : ""
  if (key) return key
  throw new ImageError({
    code: "misconfigured",
    message: "bedrock({ apiKey }) is blank; set a Bedrock API key or leave the option out",
  })
}

const explicitCredentials = async (options: IdentityOptions): Promise<Identity["credentials"]> => {
  const own = ownKeys(options.credentials)
  if (!options.roleArn && !options.profile && !options.webIdentity) return own
  const providers = await import("@aws-sdk/credential-providers")
  const source =
    own ??
    webIdentitySource(options, providers) ??
    (options.profile ? providers.fromIni({ profile: options.profile }) : undefined)
  return options.roleArn ? assumedRole(options.roleArn, options, source, providers) : source
}

const stsOf = ({ stsEndpoint }: IdentityOptions) =>
  stsEndpoint ? { clientConfig: { endpoint: stsEndpoint } } : {}

const webIdentitySource = (
  options: IdentityOptions,
  { fromTokenFile, fromWebToken }: Providers,
): Identity["credentials"] => {
  if (!options.webIdentity) return undefined
  const { roleArn, token, tokenFile, sessionName } = options.webIdentity
  const role = { roleArn, ...(sessionName && { roleSessionName: sessionName }), ...stsOf(options) }
  return token === undefined
    ? fromTokenFile({ ...role, webIdentityTokenFile: tokenFile ?? "" })
    : fromWebToken({ ...role, webIdentityToken: token })
}

const assumedRole = (
  roleArn: string,
  options: IdentityOptions,
  source: Identity["credentials"],
  providers: Providers,
): Identity["credentials"] =>
  providers.fromTemporaryCredentials({
    ...(source && { masterCredentials: source }),
    ...stsOf(options),
    params: {
      RoleArn: roleArn,
      RoleSessionName: options.sessionName || `pictor-${Date.now()}`,
      ...(options.externalId && { ExternalId: options.externalId }),
    },
  })

const ownKeys = (credentials: IdentityOptions["credentials"]): Identity["credentials"] => {
  if (credentials === undefined) return undefined
  return typeof credentials === "function"
    ? async () => toKeys(await credentials())
    : toKeys(credentials)
}

// AWS rejects the empty header that a blank session token would become.
const toKeys = ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  expiration,
}: BedrockCredentials): AwsCredentialIdentity => {
  if (!accessKeyId || !secretAccessKey)
    throw new ImageError({
      code: "misconfigured",
      message:
        "bedrock({ credentials }) lacks accessKeyId or secretAccessKey; set both or leave the option out",
    })
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
    ...(expiration && { expiration }),
  }
}
