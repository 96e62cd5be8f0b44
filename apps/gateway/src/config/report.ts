import { ImageError, type Issue } from "@pictor/core"
import { quote } from "@pictor/core/host"

/** What is wrong, and what is worth saying, gathered while a configuration is read. */
export interface Report {
  /** `given` may be shown: it came neither out of the environment nor from a place of secrets. */
  problem(
    path: string,
    message: string,
    shown?: { readonly given?: unknown; readonly allowed?: string },
  ): void
  warn(message: string): void
  /** Said once, whatever it is repeated. */
  ineffective(key: string, why: string): void
  readonly problems: readonly Issue[]
  warnings(): readonly string[]
}

export const createReport = (): Report => {
  const problems: Issue[] = []
  const warnings: string[] = []
  const ineffective = new Map<string, Set<string>>()
  return {
    problems,
    problem: (path, message, shown = {}) =>
      problems.push({ code: "invalid_request", path, message, ...shown }),
    warn: (message) => warnings.push(message),
    ineffective: (key, why) => {
      ineffective.set(why, (ineffective.get(why) ?? new Set()).add(key))
    },
    warnings: () => [
      ...new Set([
        ...warnings,
        ...[...ineffective].map(
          ([why, keys]) => `${[...keys].join(", ")}: no effect here, ${why}.`,
        ),
      ]),
    ],
  }
}

const said = ({ path, message, given, allowed }: Issue): string =>
  `  ${path}: ${message}${given === undefined ? "" : `, given ${quote(given)}`}${allowed === undefined ? "" : `; allowed: ${allowed}`}`

/** One error that lists everything that is wrong with a file. */
export const configError = (file: string, problems: readonly Issue[]): ImageError =>
  new ImageError({
    code: "invalid_request",
    message: `${file} cannot be used, ${problems.length} ${problems.length === 1 ? "thing is" : "things are"} wrong:\n${problems.map(said).join("\n")}`,
    issues: problems,
  })
