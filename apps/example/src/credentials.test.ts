import { describe, expect, it } from "vitest"
import { outcome } from "./__fixtures__/outcome.ts"
import { credentialsNote, missingKeyText } from "./credentials.ts"
import { type ProviderName, providers } from "./providers.ts"

const surroundings = { environment: {}, home: "/home/tea", exists: () => false }

const noteOf = (provider: ProviderName, problem: string) => {
  const { choice } = outcome("m")
  return credentialsNote({ choice: { ...choice, provider }, problems: [problem] }, surroundings)
}

describe("credentialsNote", () => {
  it("lists AWS's sources of credentials for Bedrock", () => {
    const { problem, advice } = noteOf("bedrock", "unauthenticated: the token is expired")
    expect(problem).toBe("unauthenticated: the token is expired")
    expect(advice).toContain("AWS_BEARER_TOKEN_BEDROCK: not set")
  })

  it.each(["openai", "gemini", "flux"] as const)("names the variable of %s's key", (name) => {
    const { problem, advice } = noteOf(name, "unauthenticated: no valid key")
    expect(problem).toBe("unauthenticated: no valid key")
    expect(advice).toContain(`Set ${providers[name].key?.variable} to a valid key`)
  })
})

describe("missingKeyText", () => {
  it("names the variable, and says where a key is created", () => {
    expect(missingKeyText({ variable: "ACME_KEY", page: "https://acme.example" })).toMatch(
      /^ACME_KEY is not set\. Create a key at https:\/\/acme\.example .*nothing is charged\.$/,
    )
  })
})
