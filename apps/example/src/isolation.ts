import { devNull } from "node:os"

/**
 * Makes a process forget every AWS setting it was started with: no credential, profile, endpoint or
 * metadata service can have a say in it. Without `--live` the app does this before the SDK is
 * loaded.
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
