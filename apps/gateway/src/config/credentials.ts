import type { BedrockOptions, IdentityOptions } from "@pictor/bedrock"
import { defined } from "@pictor/core/host"
import type { z } from "zod"
import type { litellmParams } from "./schema.ts"
import type { ReadContext } from "./validate.ts"

export type LitellmParams = z.output<typeof litellmParams>

interface CredentialSource {
  /** For people, without a secret: "profile". */
  readonly label: string
  readonly options: IdentityOptions
}

const oidc = /^oidc\/(file|env|env_path)\/(.+)$/

/** `aws_web_identity_token` is a file, an environment variable or the token itself. */
const webIdentityToken = (
  written: string,
  path: string,
  { environment, diagnostics }: ReadContext,
): { token: string } | { tokenFile: string } | undefined => {
  const [, place, rest = ""] = oidc.exec(written) ?? []
  if (place === "file") return { tokenFile: rest }
  if (place !== undefined) {
    const value = environment[rest]
    if (value) return place === "env" ? { token: value } : { tokenFile: value }
    diagnostics.issue(path, `the environment variable ${rest} is not set`)
    return undefined
  }
  if (written.startsWith("oidc/")) {
    diagnostics.issue(path, "unknown token source", {
      allowed: "oidc/file/<path>, oidc/env/<NAME>, oidc/env_path/<NAME> or the token",
    })
    return undefined
  }
  return written.startsWith("/") ? { tokenFile: written } : { token: written }
}

const webIdentity = (
  params: LitellmParams,
  path: string,
  context: ReadContext,
): CredentialSource | undefined => {
  const { aws_web_identity_token: written, aws_role_name: roleArn } = params
  if (written === undefined) return undefined
  const place = `${path}.aws_web_identity_token`
  if (roleArn === undefined) {
    context.diagnostics.issue(place, "requires aws_role_name, the role to assume with the token")
    return undefined
  }
  const token = webIdentityToken(written, place, context)
  const sessionName = params.aws_session_name
  return (
    token && {
      label: "web identity",
      options: { webIdentity: { roleArn, ...token, ...(sessionName && { sessionName }) } },
    }
  )
}

const accessKeys = (
  params: LitellmParams,
  path: string,
  { diagnostics }: ReadContext,
): CredentialSource | undefined => {
  const {
    aws_access_key_id: accessKeyId,
    aws_secret_access_key: secretAccessKey,
    aws_session_token: sessionToken,
  } = params
  if (accessKeyId !== undefined && secretAccessKey !== undefined)
    return {
      label: sessionToken === undefined ? "access keys" : "temporary access keys",
      options: {
        credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
      },
    }
  if (accessKeyId !== undefined || secretAccessKey !== undefined) {
    const missing = accessKeyId === undefined ? "aws_access_key_id" : "aws_secret_access_key"
    diagnostics.issue(
      `${path}.${missing}`,
      "is missing; set both aws_access_key_id and aws_secret_access_key, or neither",
    )
  }
  return undefined
}

const profileOrKeys = (
  params: LitellmParams,
  path: string,
  context: ReadContext,
): CredentialSource => {
  const keys = accessKeys(params, path, context)
  const { aws_profile_name: profile } = params
  if (profile === undefined) return keys ?? { label: "AWS default chain", options: {} }
  if (keys)
    context.diagnostics.warn(
      `${path}: aws_profile_name replaces the access keys, as in LiteLLM. Remove one of them.`,
    )
  return { label: "profile", options: { profile } }
}

const assumedRole = (params: LitellmParams, source: CredentialSource): CredentialSource => {
  const {
    aws_role_name: roleArn,
    aws_session_name: sessionName,
    aws_external_id: externalId,
  } = params
  if (roleArn === undefined) return source
  return {
    label: `role via ${source.label}`,
    options: { ...source.options, roleArn, sessionName, externalId },
  }
}

/** LiteLLM's order: API key, web identity, role, profile, access keys, AWS default chain. */
const credentialSource = (
  params: LitellmParams,
  path: string,
  context: ReadContext,
): CredentialSource => {
  const { diagnostics } = context
  const { api_key: apiKey, aws_role_name, aws_session_name, aws_external_id } = params
  if (apiKey !== undefined) {
    const others = Object.keys(params).filter((key) =>
      /^aws_(access|secret|session|profile|role|web)/.test(key),
    )
    if (others.length > 0)
      diagnostics.warn(
        `${path}: api_key replaces ${others.join(", ")}, as in LiteLLM. Remove one of them.`,
      )
    return { label: "API key", options: { apiKey } }
  }
  if (aws_role_name === undefined)
    for (const [key, value] of Object.entries({ aws_session_name, aws_external_id }))
      if (value !== undefined) diagnostics.warn(`${path}: ${key} is ignored without aws_role_name.`)
  return (
    webIdentity(params, path, context) ?? assumedRole(params, profileOrKeys(params, path, context))
  )
}

const traces = { enabled: "ENABLED", disabled: "DISABLED", enabled_full: "ENABLED_FULL" } as const

/** `litellm_params` as options of `bedrock()`. `region` is the one in the model string. */
export const bedrockOptions = (
  params: LitellmParams,
  path: string,
  region: string | undefined,
  context: ReadContext,
): { readonly options: BedrockOptions; readonly credentials: string } => {
  const { label, options } = credentialSource(params, path, context)
  const { guardrailConfig: guardrail } = params
  return {
    credentials: label,
    options: defined({
      ...options,
      region: params.aws_region_name ?? params.region_name ?? region,
      endpoint: params.aws_bedrock_runtime_endpoint ?? params.api_base,
      timeoutMs: params.timeout,
      stsEndpoint: params.aws_sts_endpoint,
      guardrail: guardrail && {
        id: guardrail.guardrailIdentifier,
        version: guardrail.guardrailVersion,
        ...(guardrail.trace && { trace: traces[guardrail.trace] }),
      },
    }),
  }
}
