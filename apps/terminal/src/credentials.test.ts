import { describe, expect, it } from "vitest"
import { credentialAdvice, credentialProblem } from "./credentials.ts"

const nothing = { environment: {}, home: "/home/tea", exists: () => false }

describe("credentialAdvice", () => {
  it("lists every source with its state, in the SDK's order, and what to do", () => {
    const advice = credentialAdvice(nothing)
    const order = [
      "AWS_BEARER_TOKEN_BEDROCK",
      "AWS_ACCESS_KEY_ID",
      'profile "default"',
      "AWS_WEB_IDENTITY_TOKEN_FILE",
      "container",
      "EC2",
    ]
    expect(order.map((name) => advice.indexOf(name))).toEqual(
      order.map((name) => advice.indexOf(name)).toSorted((left, right) => left - right),
    )
    expect(advice).toContain("no /home/tea/.aws/config, no /home/tea/.aws/credentials")
    expect(advice).toContain("aws sso login")
    expect(advice).toContain("bedrock:InvokeModel")
  })

  it("never tells a value", () => {
    const environment = { AWS_ACCESS_KEY_ID: "AKIASECRET", AWS_BEARER_TOKEN_BEDROCK: "ABSKSECRET" }
    const advice = credentialAdvice({ ...nothing, environment })
    expect(advice).not.toMatch(/AKIASECRET|ABSKSECRET/)
    expect(advice).toContain("only AWS_ACCESS_KEY_ID is set")
    expect(advice).toContain("AWS_BEARER_TOKEN_BEDROCK: set")
  })

  it("names the profile in use and the files that there are", () => {
    const environment = { AWS_PROFILE: "tea", AWS_CONFIG_FILE: "/etc/aws" }
    const advice = credentialAdvice({
      ...nothing,
      environment,
      exists: (path) => path === "/etc/aws",
    })
    expect(advice).toContain(
      'profile "tea" (keys, SSO, credential_process, role): looked for in /etc/aws\n',
    )
  })
})

describe("credentialProblem", () => {
  it("keeps what AWS said of keys that there were", () => {
    expect(credentialProblem(["unauthenticated: the token is expired"])).toBe(
      "unauthenticated: the token is expired",
    )
  })
})
