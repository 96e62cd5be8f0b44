import { join } from "node:path"

/** Where credentials are looked for. Messages name sources, never values. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly exists: (path: string) => boolean
}

interface Source {
  readonly name: string
  readonly state: string
}

const sourcesIn = ({ environment, home, exists }: Surroundings): readonly Source[] => {
  const state = (...names: readonly string[]): string => {
    const set = names.filter((name) => environment[name]?.trim())
    return set.length === names.length
      ? "set"
      : set.length === 0
        ? "not set"
        : `only ${set.join(", ")} is set`
  }
  const either = (...names: readonly string[]): string =>
    names.some((name) => environment[name]?.trim()) ? "set" : "not set"
  const files = [
    environment["AWS_CONFIG_FILE"]?.trim() || join(home, ".aws", "config"),
    environment["AWS_SHARED_CREDENTIALS_FILE"]?.trim() || join(home, ".aws", "credentials"),
  ]
  const found = files.filter(exists)
  const profile = environment["AWS_PROFILE"]?.trim() || "default"
  return [
    { name: "AWS_BEARER_TOKEN_BEDROCK", state: state("AWS_BEARER_TOKEN_BEDROCK") },
    {
      name: "AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY",
      state: state("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    },
    {
      name: `profile "${profile}" (keys, SSO, credential_process, role)`,
      state: found.length > 0 ? `looked for in ${found.join(", ")}` : `no ${files.join(", no ")}`,
    },
    {
      name: "AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN",
      state: state("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"),
    },
    {
      name: "the container's role",
      state: either("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    },
    {
      name: "the EC2 instance's role",
      state: /^true$/i.test(environment["AWS_EC2_METADATA_DISABLED"] ?? "")
        ? "switched off by AWS_EC2_METADATA_DISABLED"
        : "asked last",
    },
  ]
}

// The transport's own list has the same sources, without their states.
const listsSources = (problem: string): boolean => problem.includes("AWS_WEB_IDENTITY_TOKEN_FILE")

/** The problem in one or two lines. */
export const credentialProblem = (problems: readonly string[]): string =>
  problems
    .map((problem) =>
      listsSources(problem)
        ? "No AWS credentials were found. Nothing was sent and nothing is charged."
        : problem,
    )
    .join("\n")

/** The sources that were tried, in the SDK's order, and the remedies. `command`: to try again. */
export const credentialAdvice = (
  surroundings: Surroundings,
  command = "pnpm start --live",
): string => {
  const sources = sourcesIn(surroundings).map(
    ({ name, state }, index) => `  ${index + 1}. ${name}: ${state}\n`,
  )
  return [
    "These sources of credentials were tried, in this order:\n",
    ...sources,
    "\nDo one of these:\n",
    `  aws configure sso && aws sso login      then AWS_PROFILE=<name> ${command}\n`,
    "  export AWS_BEARER_TOKEN_BEDROCK=<key>   an API key made in the Bedrock console\n",
    "  export AWS_ACCESS_KEY_ID=<id> AWS_SECRET_ACCESS_KEY=<secret>\n",
    "The identity needs the permission bedrock:InvokeModel. Without --live none of this is needed.\n",
  ].join("")
}
