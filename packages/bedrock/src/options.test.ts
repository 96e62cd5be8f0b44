import { ImageError } from "@pictor/core"
import { describe, expect, it } from "vitest"
import { keys } from "./__fixtures__/server.ts"
import type { BedrockOptions } from "./options.ts"
import { bedrock } from "./transport.ts"

const role = "arn:aws:iam::123456789012:role/painter"

const mistakes: readonly (readonly [what: string, options: BedrockOptions, says: RegExp])[] = [
  ["a region with other characters", { region: "us-west-2/evil" }, /region/],
  ["an endpoint without a scheme", { endpoint: "localhost:4600" }, /endpoint/],
  ["an STS endpoint without a scheme", { stsEndpoint: "sts.local" }, /stsEndpoint/],
  ["an endpoint of another scheme", { endpoint: "ftp://localhost" }, /endpoint/],
  ["no time at all", { timeoutMs: 0 }, /timeoutMs/],
  ["a time that is no number", { timeoutMs: Number.NaN }, /timeoutMs/],
  ["more time than a timer holds", { timeoutMs: 2 ** 31 }, /timeoutMs/],
  ["credentials and an API key", { credentials: keys, apiKey: "k" }, /credentials and apiKey/],
  [
    "credentials and a web identity",
    { credentials: keys, webIdentity: { roleArn: role, token: "t" } },
    /credentials and webIdentity/,
  ],
  ["an API key and a role", { apiKey: "k", roleArn: role }, /apiKey and roleArn/],
  ["an external id without a role", { externalId: "x" }, /roleArn/],
  ["a session name without a role", { sessionName: "x" }, /roleArn/],
  ["a web identity without a token", { webIdentity: { roleArn: role } }, /token/],
  [
    "a web identity with two tokens",
    { webIdentity: { roleArn: role, token: "t", tokenFile: "/t" } },
    /token/,
  ],
]

describe("bedrock()", () => {
  it.each(mistakes)("refuses %s", (_, options, says) => {
    expect(() => bedrock(options)).toThrow(ImageError)
    expect(() => bedrock(options)).toThrow(says)
  })

  it("takes what a program with missing settings gives", () => {
    expect(
      bedrock({
        region: undefined,
        endpoint: "",
        timeoutMs: undefined,
        profile: "",
        roleArn: undefined,
      }).name,
    ).toBe("bedrock")
  })
})
