import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { vi } from "vitest"

export interface Home {
  readonly folder: string
  write(path: string, text: string): string
  remove(): void
}

/**
 * An environment without a trace of AWS: no variables, an empty home folder of its own, no instance
 * metadata.
 */
export const emptyEnvironment = (): Home => {
  const folder = mkdtempSync(join(tmpdir(), "pictor-"))
  for (const name of Object.keys(process.env))
    if (/^(AWS_|_X_AMZN)/.test(name)) vi.stubEnv(name, undefined)
  vi.stubEnv("HOME", folder)
  vi.stubEnv("USERPROFILE", folder)
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true")
  // The SDK keeps what it read from a path: each home has paths of its own.
  vi.stubEnv("AWS_CONFIG_FILE", join(folder, "config"))
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "credentials"))
  return {
    folder,
    write: (path, text) => {
      const file = join(folder, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
      return file
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
