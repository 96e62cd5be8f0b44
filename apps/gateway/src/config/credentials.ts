import type { BedrockOptions, IdentityOptions } from "@pictor/bedrock"
import type { z } from "zod"
import type { Environment } from "./environment.ts"
import type { Report } from "./report.ts"
import type { litellmParams } from "./schema.ts"

export type Params = z.output<typeof litellmParams>

/** How a deployment reaches Bedrock. */
export interface Way {
  readonly options: BedrockOptions
  /** In words without a secret. */
  readonly authentication: string
}

interface Identity {
  readonly kind: string
  readonly options: IdentityOptions
}

const oidc = /^oidc\/(file|env|env_path)\/(.+)$/

/** Where a web identity's token is: a file, a variable, or the token itself. */
const tokenOf = (
  written: string,
  path: string,
  environment: Environment,
  report: Report,
): { token: string } | { tokenFile: string } | undefined => {
  const [, place, rest = ""] = oidc.exec(written) ?? []
  if (place === "file") return { tokenFile: rest }
  if (place !== undefined) {
    const value = environment[rest]
    if (value) return place === "env" ? { token: value } : { tokenFile: value }
    report.problem(path, `the environment variable ${rest} is not set`)
    return undefined
  }
  if (written.startsWith("oidc/")) {
    report.problem(path, "names a source of tokens that is not known here", {
      allowed: "oidc/file/<path>, oidc/env/<NAME>, oidc/env_path/<NAME> or the token",
    })
    return undefined
  }
  return written.startsWith("/") ? { tokenFile: written } : { token: written }
}

const webIdentity = (
  params: Params,
  path: string,
  environment: Environment,
  report: Report,
): Identity | undefined => {
  const {
    aws_web_identity_token: written,
    aws_role_name: roleArn,
    aws_session_name: sessionName,
  } = params
  if (written === undefined) return undefined
  if (roleArn === undefined) {
    report.problem(
      `${path}.aws_web_identity_token`,
      "needs aws_role_name, the role that the token is exchanged for",
    )
    return undefined
  }
  const token = tokenOf(written, `${path}.aws_web_identity_token`, environment, report)
  return (
    token && {
      kind: "a web identity",
      options: {
        webIdentity: { roleArn, ...token, ...(sessionName === undefined ? {} : { sessionName }) },
      },
    }
  )
}

const keys = (params: Params, path: string, report: Report): Identity | undefined => {
  const {
    aws_access_key_id: accessKeyId,
    aws_secret_access_key: secretAccessKey,
    aws_session_token: sessionToken,
  } = params
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const [given, missing] =
      accessKeyId === undefined
        ? ["aws_secret_access_key", "aws_access_key_id"]
        : ["aws_access_key_id", "aws_secret_access_key"]
    report.problem(`${path}.${missing}`, `is missing beside ${given}; give both, or neither`)
    return undefined
  }
  return {
    kind: sessionToken === undefined ? "access keys" : "temporary access keys",
    options: {
      credentials: {
        accessKeyId,
        secretAccessKey,
        ...(sessionToken === undefined ? {} : { sessionToken }),
      },
    },
  }
}

const source = (params: Params, path: string, report: Report): Identity => {
  const own = keys(params, path, report)
  const { aws_profile_name: profile } = params
  if (profile === undefined) return own ?? { kind: "AWS's own chain", options: {} }
  if (own)
    report.warn(
      `${path}: aws_profile_name is used and the access keys are not, as in LiteLLM; leave one out.`,
    )
  return { kind: "a profile", options: { profile } }
}

const assumed = (params: Params, from: Identity): Identity => {
  const {
    aws_role_name: roleArn,
    aws_session_name: sessionName,
    aws_external_id: externalId,
  } = params
  if (roleArn === undefined) return from
  return {
    kind: `a role, from ${from.kind}`,
    options: {
      ...from.options,
      roleArn,
      ...(sessionName === undefined ? {} : { sessionName }),
      ...(externalId === undefined ? {} : { externalId }),
    },
  }
}

/** In LiteLLM's order: API key, web identity, role, profile, keys, whatever AWS's tools find. */
const identityOf = (
  params: Params,
  path: string,
  environment: Environment,
  report: Report,
): Identity => {
  const { api_key: apiKey, aws_role_name, aws_session_name, aws_external_id } = params
  const others = Object.keys(params).filter((key) =>
    /^aws_(access|secret|session|profile|role|web)/.test(key),
  )
  if (apiKey !== undefined) {
    if (others.length > 0)
      report.warn(
        `${path}: api_key is used and ${others.join(", ")} are not, as in LiteLLM; leave one out.`,
      )
    return { kind: "an API key", options: { apiKey } }
  }
  const lonely =
    aws_role_name === undefined
      ? Object.entries({ aws_session_name, aws_external_id }).filter(
          ([, value]) => value !== undefined,
        )
      : []
  if (lonely.length > 0)
    report.warn(
      `${path}: ${lonely.map(([key]) => key).join(", ")} without aws_role_name: no effect.`,
    )
  return (
    webIdentity(params, path, environment, report) ?? assumed(params, source(params, path, report))
  )
}

const guardrailOf = ({ guardrailConfig }: Params): Pick<BedrockOptions, "guardrail"> => {
  if (!guardrailConfig) return {}
  const { guardrailIdentifier: id, guardrailVersion: version, trace } = guardrailConfig
  const traces = { enabled: "ENABLED", disabled: "DISABLED", enabled_full: "ENABLED_FULL" } as const
  return { guardrail: { id, version, ...(trace === undefined ? {} : { trace: traces[trace] }) } }
}

/** `litellm_params` as options of `bedrock()`; `region` is what the model string says. */
export const wayOf = (
  params: Params,
  path: string,
  region: string | undefined,
  environment: Environment,
  report: Report,
): Way => {
  const { kind, options } = identityOf(params, path, environment, report)
  const where = params.aws_region_name ?? params.region_name ?? region
  const endpoint = params.aws_bedrock_runtime_endpoint ?? params.api_base
  return {
    authentication: kind,
    options: {
      ...options,
      ...(where === undefined ? {} : { region: where }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(params.timeout === undefined ? {} : { timeoutMs: params.timeout }),
      ...(params.aws_sts_endpoint === undefined ? {} : { stsEndpoint: params.aws_sts_endpoint }),
      ...guardrailOf(params),
    },
  }
}
