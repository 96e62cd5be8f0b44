/** A name from the AWS files or the environment, as a message may repeat it. */
const named = (name = ""): string => (/^[\w.@/+ -]{1,80}$/.test(name) ? name : "in use")

/** What the SDK says of a source that it asked; its output, which may hold keys, is left out. */
const answers: readonly (readonly [RegExp, (found: string) => string])[] = [
  [
    /^Profile (.+) credential_process returned invalid JSON/,
    (name) => `profile ${named(name)}: credential_process did not print JSON`,
  ],
  [
    /^Profile (.+) credential_process did not return Version 1/,
    (name) => `profile ${named(name)}: credential_process printed no "Version": 1`,
  ],
  [
    /^Profile (.+) credential_process returned expired/,
    (name) => `profile ${named(name)}: credential_process printed expired keys`,
  ],
  [
    /^Profile (.+) credential_process returned/,
    (name) => `profile ${named(name)}: credential_process printed no keys`,
  ],
  [/^(Command failed)/, () => "the profile's credential_process ended with an error"],
  [
    /using profile: \[([^\]]*)\]/,
    (name) => `profile ${named(name)} is in neither of AWS's files, or has no credentials there`,
  ],
  [
    /Server responded with status: (\d{3})/,
    (status) => `the container's credentials endpoint answered HTTP ${status}`,
  ],
]

/** The source that the environment names first, in the order of the SDK's chain. */
const namedSource = (env: NodeJS.ProcessEnv): string | undefined => {
  if (env["AWS_PROFILE"])
    return `profile ${named(env["AWS_PROFILE"])} of AWS_PROFILE is in neither of AWS's files, or gave no credentials`
  if (env["AWS_WEB_IDENTITY_TOKEN_FILE"])
    return env["AWS_ROLE_ARN"]
      ? "the token of AWS_WEB_IDENTITY_TOKEN_FILE gave no credentials"
      : "AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN"
  if (env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] || env["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
    return "the container's credentials endpoint gave no credentials"
  return undefined
}

/** Which source was asked for credentials and what it answered. Undefined if none is configured. */
export const credentialAnswer = (text: string, env: NodeJS.ProcessEnv): string | undefined => {
  for (const [pattern, answer] of answers) {
    const found = pattern.exec(text)
    if (found) return answer(found[1] ?? "")
  }
  return namedSource(env)
}
