import type { ErrorCode } from "@pictor/core"
import type { Attempt } from "./attempt.ts"
import type { Fault } from "./fault.ts"

export interface Failure {
  readonly code: ErrorCode
  readonly retryable?: boolean
  readonly maybeBilled?: boolean
  readonly message: string
}

const reading: ReadonlySet<string> = new Set(["open", "read", "stat"])
const connecting: ReadonlySet<string> = new Set(["connect", "getaddrinfo"])
const unconnected: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
])
const handshake =
  /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY))|^EPROTO$/
const sources =
  'the options of bedrock(), AWS_BEARER_TOKEN_BEDROCK, AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY, the profile of AWS_PROFILE or "default" (keys, SSO, ' +
  "credential_process, role), AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN, the container's AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI and the " +
  "EC2 instance's metadata"

/** What a call came to that was on its way and got no answer. */
export const networkFailure = (fault: Fault, attempt: Attempt): Failure => {
  if (!wasSent(fault, attempt))
    return {
      code: "unavailable",
      retryable: true,
      message: `No connection to Bedrock in {region} came about for {model}${because(fault)}; check the endpoint, the region and this machine's network`,
    }
  // https://www.rfc-editor.org/rfc/rfc9113#section-8.7, seen 2026-11-20: a refused stream was not processed.
  if (fault.text.includes("REFUSED_STREAM"))
    return {
      code: "unavailable",
      retryable: true,
      message: "Bedrock refused the call of {model} unread; try again in a moment",
    }
  if (fault.text === "Protocol error")
    return {
      code: "unavailable",
      retryable: false,
      maybeBilled: true,
      message:
        "The endpoint called for {model} does not speak HTTP/2; give bedrock() a requestHandler: new NodeHttpHandler()",
    }
  return {
    code: "unavailable",
    retryable: false,
    maybeBilled: true,
    message: `The connection broke after {model} was called${because(fault)}; it may have been billed, so look before trying again`,
  }
}

/** What a call came to that never left: credentials, region, endpoint. */
export const unsentFailure = (fault: Fault): Failure => {
  if (/\bsso\b/i.test(fault.text) && isCredentialFault(fault))
    return {
      code: "unauthenticated",
      message:
        "The SSO session for the call of {model} is missing or expired; run aws sso login with the profile in use",
    }
  if (fault.status !== undefined && fault.modeled)
    return {
      code: "unauthenticated",
      message: `AWS gave no credentials for the call of {model}${because(fault)}; check the role, its trust policy and the token`,
    }
  if (isCredentialFault(fault))
    return {
      code: "unauthenticated",
      message: `No credentials were found for the call of {model} in ${sources}; set one of them, for example with aws configure sso`,
    }
  if (reading.has(fault.syscall ?? ""))
    return {
      code: "unauthenticated",
      message: `A file with credentials for {model} cannot be read${because(fault)}; check AWS_WEB_IDENTITY_TOKEN_FILE and the other settings that name files`,
    }
  if (connecting.has(fault.syscall ?? "") || unconnected.has(fault.code ?? ""))
    return {
      code: "unavailable",
      retryable: true,
      message: `The source of the credentials for {model} could not be reached${because(fault)}; try again in a moment`,
    }
  return {
    code: "misconfigured",
    message: `The call of {model} could not be prepared${because(fault)}; check the options of bedrock() and the AWS settings in use`,
  }
}

const wasSent = (fault: Fault, attempt: Attempt): boolean =>
  attempt.sent &&
  !connecting.has(fault.syscall ?? "") &&
  !unconnected.has(fault.code ?? "") &&
  !handshake.test(fault.code ?? "")

const isCredentialFault = ({ name, text }: Fault): boolean =>
  name === "CredentialsProviderError" ||
  name === "TokenProviderError" ||
  name === "ProviderError" ||
  /could not be signed|IdentityProvider/.test(text)

const because = ({ code, name }: Fault): string => {
  const word = code ?? (name === "Error" ? undefined : name)
  return word && /^[\w.-]{1,80}$/.test(word) ? ` (${word})` : ""
}
