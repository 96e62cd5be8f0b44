import { ImageError } from "@pictor/core"
import { NodeHttpHandler } from "@smithy/node-http-handler"
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
  [
    "an unknown option",
    { regoin: "us-west-2" } as BedrockOptions,
    /no option regoin; the nearest is region/,
  ],
  ["no connections", { connections: 0 }, /connections/],
  ["half a connection", { connections: 1.5 }, /connections/],
  [
    "a handler beside its own connections",
    { connections: 2, requestHandler: new NodeHttpHandler() },
    /connections and requestHandler/,
  ],
  ["no time at all", { timeoutMs: 0 }, /timeoutMs/],
  ["a time that is not a number", { timeoutMs: Number.NaN }, /timeoutMs/],
  ["more time than a timer can count", { timeoutMs: 2 ** 31 }, /timeoutMs/],
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
  it.each(mistakes)("rejects %s", (_, options, says) => {
    expect(() => bedrock(options)).toThrow(ImageError)
    expect(() => bedrock(options)).toThrow(says)
  })

  it("accepts options without a value", () => {
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
