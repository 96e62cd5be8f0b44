import { devNull } from "node:os"

/**
 * Removes every AWS setting from the process, so that no credential, profile, endpoint or metadata
 * service has an effect. Without `--live` the app does this before the SDK is loaded.
 */
export const forgetAws = (environment: NodeJS.ProcessEnv): void => {
  for (const name of Object.keys(environment))
    if (name.toUpperCase().startsWith("AWS_")) delete environment[name]
  Object.assign(environment, {
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: "true",
  })
}
