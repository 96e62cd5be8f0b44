import { credentialAdvice, credentialProblem, type Surroundings } from "@pictor/terminal"
import type { Outcome } from "./outcome.ts"
import { type Key, providers } from "./providers.ts"

/** What to do where `--live` needs a key. */
export const missingKeyText = ({ variable, page }: Key): string =>
  `${variable} is not set. Create a key at ${page} and set the variable to it, or omit --live. Nothing was sent and nothing is charged.`

/** What a provider said of the credentials, and the remedies. */
export const credentialsNote = (
  { choice, problems }: Pick<Outcome, "choice" | "problems">,
  surroundings: Surroundings,
): { readonly problem: string; readonly advice: string } => {
  const { key } = providers[choice.provider]
  return key
    ? {
        problem: problems.join("\n"),
        advice: `Set ${key.variable} to a valid key. You can create one at ${key.page}.\n`,
      }
    : { problem: credentialProblem(problems), advice: credentialAdvice(surroundings) }
}
