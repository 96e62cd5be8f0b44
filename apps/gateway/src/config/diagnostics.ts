import { ImageError, type Issue } from "@pictor/core"
import { quote } from "@pictor/core/host"

export interface Diagnostics {
  readonly issues: readonly Issue[]
  /** `given` appears in the message: never a value of the environment or a secret. */
  issue(
    path: string,
    message: string,
    details?: { readonly given?: unknown; readonly allowed?: string },
  ): void
  warn(message: string): void
  /** One warning lists all keys that are ignored for the same reason. */
  ignore(key: string, reason: string): void
  /** The keys that are ignored for a reason. */
  ignored(reason: string): readonly string[]
  warnings(): readonly string[]
}

export const createDiagnostics = (): Diagnostics => {
  const issues: Issue[] = []
  const warnings = new Set<string>()
  const ignored = new Map<string, Set<string>>()
  return {
    issues,
    issue: (path, message, details = {}) => {
      // All models of a wildcard have the same issues.
      if (issues.some((each) => each.path === path && each.message === message)) return
      issues.push({ code: "invalid_request", path, message, ...details })
    },
    warn: (message) => warnings.add(message),
    ignore: (key, reason) => ignored.set(reason, (ignored.get(reason) ?? new Set()).add(key)),
    ignored: (reason) => [...(ignored.get(reason) ?? [])],
    warnings: () => [
      ...warnings,
      ...[...ignored].map(
        ([reason, keys]) =>
          `${[...keys].join(", ")} ${keys.size === 1 ? "is" : "are"} ignored: ${reason}.`,
      ),
    ],
  }
}

const line = ({ path, message, given, allowed }: Issue): string => {
  const value = given === undefined ? "" : ` ${quote(given)}`
  return `  ${path}: ${message}${value}${allowed === undefined ? "" : `; expected ${allowed}`}`
}

export const configError = (file: string, issues: readonly Issue[]): ImageError =>
  new ImageError({
    code: "invalid_request",
    message: `${file} is not valid (${issues.length} ${issues.length === 1 ? "error" : "errors"}):\n${issues.map(line).join("\n")}`,
    issues,
  })
