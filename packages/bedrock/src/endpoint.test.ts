import type { ParsedModel } from "@pictor/core/adapter"
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { emptyEnvironment, type Home } from "./__fixtures__/environment.ts"
import { findRegion, parseModel } from "./endpoint.ts"
import { bedrock } from "./transport.ts"

const account = "arn:aws:bedrock:us-west-2:123456789012"
const unlisted = (id: string) =>
  `${id} is called unchanged, although no AWS page lists this inference profile`
const inpaint = "stability.stable-image-inpaint-v1:0"

const models: readonly (readonly [given: string, parsed: ParsedModel | undefined])[] = [
  ["stability.sd3-5-large-v1:0", undefined],
  ["bedrock/stability.sd3-5-large-v1:0", { id: "stability.sd3-5-large-v1:0" }],
  [
    "bedrock/us-west-2/stability.sd3-5-large-v1:0",
    { id: "stability.sd3-5-large-v1:0", region: "us-west-2" },
  ],
  [
    "bedrock/us-gov-west-1/amazon.titan-image-generator-v1",
    { id: "amazon.titan-image-generator-v1", region: "us-gov-west-1" },
  ],
  ["bedrock/bedrock/stability.x", { id: "bedrock/stability.x" }],
  ["us-west-2/stability.sd3-5-large-v1:0", undefined],
  ["bedrock/other/stability.x", { id: "other/stability.x" }],
  ...["us", "eu", "apac", "jp", "au", "ca", "sa", "us-gov", "global"].map(
    (geo) =>
      [
        `${geo}.${inpaint}`,
        { id: inpaint, modelId: `${geo}.${inpaint}`, warning: unlisted(`${geo}.${inpaint}`) },
      ] as const,
  ),
  [
    `bedrock/us-west-2/us.${inpaint}`,
    {
      id: inpaint,
      modelId: `us.${inpaint}`,
      region: "us-west-2",
      warning: unlisted(`us.${inpaint}`),
    },
  ],
  ["us.stability", undefined],
  ["usa.stability.x", undefined],
  ["us..x.y", undefined],
  [
    "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-canvas-v1:0",
    {
      id: "amazon.nova-canvas-v1:0",
      modelId: "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-canvas-v1:0",
      region: "us-east-1",
    },
  ],
  [
    "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.titan-image-generator-v1",
    {
      id: "amazon.titan-image-generator-v1",
      modelId:
        "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.titan-image-generator-v1",
      region: "us-gov-west-1",
    },
  ],
  [
    "arn:aws-cn:bedrock:cn-north-1::foundation-model/a.b",
    {
      id: "a.b",
      modelId: "arn:aws-cn:bedrock:cn-north-1::foundation-model/a.b",
      region: "cn-north-1",
    },
  ],
  [
    `${account}:inference-profile/us.${inpaint}`,
    { id: inpaint, modelId: `${account}:inference-profile/us.${inpaint}`, region: "us-west-2" },
  ],
  [
    `${account}:inference-profile/${inpaint}`,
    { id: inpaint, modelId: `${account}:inference-profile/${inpaint}`, region: "us-west-2" },
  ],
  [
    `bedrock/${account}:inference-profile/us.${inpaint}`,
    { id: inpaint, modelId: `${account}:inference-profile/us.${inpaint}`, region: "us-west-2" },
  ],
  [
    `bedrock/eu-west-1/${account}:inference-profile/us.${inpaint}`,
    {
      id: inpaint,
      modelId: `${account}:inference-profile/us.${inpaint}`,
      region: "us-west-2",
    },
  ],
  [
    `${account}:application-inference-profile/abc123`,
    {
      id: `${account}:application-inference-profile/abc123`,
      modelId: `${account}:application-inference-profile/abc123`,
      region: "us-west-2",
    },
  ],
  ...[
    "provisioned-model/abc",
    "custom-model/amazon.titan-image-generator-v1:0/abc",
    "custom-model-deployment/abc",
    "imported-model/abc",
  ].map(
    (tail) =>
      [
        `${account}:${tail}`,
        {
          id: `${account}:${tail}`,
          modelId: `${account}:${tail}`,
          region: "us-west-2",
          priced: false,
        },
      ] as const,
  ),
  [`${account}:prompt-router/abc`, undefined],
  [`${account}:provisioned-model/`, undefined],
  ["arn:aws:s3:us-east-1:123456789012:bucket/x", undefined],
  ["arn:aws:bedrock:us-east-1:12345:provisioned-model/x", undefined],
  ["arn:aws:bedrock:evil.example/?:123456789012:provisioned-model/x", undefined],
  [`${account}:provisioned-model/x\ny`, undefined],
  [`${account}:provisioned-model/x\n`, undefined],
  [`us.a.${"b".repeat(3000)}`, undefined],
  ["", undefined],
  ["bedrock/", { id: "" }],
]

describe("parseModel", () => {
  it("reads a model string of 2,048 characters, and no longer one", () => {
    const id = "m".repeat(2048 - "bedrock/".length)
    expect(parseModel(`bedrock/${id}`)).toEqual({ id })
    expect(parseModel(`bedrock/${id}m`)).toBeUndefined()
  })

  it.each(models)("reads %j", (given, parsed) => {
    expect(parseModel(given)).toEqual(parsed)
  })

  it("returns only regions that can be part of a host name", () => {
    const piece = fc.constantFrom(
      "bedrock/",
      "us-west-2/",
      "us.",
      "eu.",
      "arn:aws:bedrock:",
      "us-east-1:",
      "123456789012:",
      "foundation-model/",
      ":",
      "/",
      ".",
      "a",
      "\n",
      "é",
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 8 }), (pieces) => {
        const parsed = parseModel(pieces.join(""))
        expect(parsed?.region ?? "none").toMatch(/^[a-z0-9-]+$/)
      }),
      { seed: 20_261_120, numRuns: 2000 },
    )
  })

  it("reads a long hostile string quickly", () => {
    const started = performance.now()
    parseModel(`bedrock/${"us-".repeat(600)}`)
    parseModel(`arn:aws${"-a".repeat(900)}:bedrock`)
    expect(performance.now() - started).toBeLessThan(100)
  })
})

let home: Home
beforeEach(() => {
  home = emptyEnvironment()
})
afterEach(() => home.remove())

const everything = {
  AWS_REGION: "us-east-1",
  AWS_REGION_NAME: "us-east-2",
  AWS_DEFAULT_REGION: "us-west-1",
}
const config = "[default]\nregion = eu-west-1\n[profile paint]\nregion = eu-west-2\n"

interface Places {
  readonly option?: string
  readonly requested?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly config?: string
  readonly credentials?: string
  readonly profile?: string
}

const regions: readonly (readonly [what: string, places: Places, expected: string])[] = [
  [
    "the option",
    { option: "sa-east-1", requested: "ca-central-1", environment: everything, config },
    "sa-east-1",
  ],
  [
    "the ARN or model string",
    { requested: "ca-central-1", environment: everything, config },
    "ca-central-1",
  ],
  ["AWS_REGION", { environment: everything, config }, "us-east-1"],
  ["AWS_REGION_NAME", { environment: { ...everything, AWS_REGION: "" }, config }, "us-east-2"],
  [
    "AWS_DEFAULT_REGION",
    { environment: { AWS_REGION: " ", AWS_DEFAULT_REGION: "us-west-1" }, config },
    "us-west-1",
  ],
  ["the default profile", { config }, "eu-west-1"],
  ["the profile of AWS_PROFILE", { config, environment: { AWS_PROFILE: "paint" } }, "eu-west-2"],
  [
    "the option's profile",
    { config, environment: { AWS_PROFILE: "default" }, profile: "paint" },
    "eu-west-2",
  ],
  [
    "the profile in the credentials file",
    { config, credentials: "[default]\nregion = eu-north-1\n" },
    "eu-north-1",
  ],
  ["the environment if the option is blank", { option: " ", environment: everything }, "us-east-1"],
]

describe("findRegion", () => {
  it.each(regions)("takes %s", async (_, places, expected) => {
    for (const [name, value] of Object.entries(places.environment ?? {})) vi.stubEnv(name, value)
    home.write("config", places.config ?? "")
    home.write("credentials", places.credentials ?? "")
    const options = { region: places.option, profile: places.profile }
    await expect(findRegion(options, places.requested)).resolves.toBe(expected)
  })

  it("names every source that it read", async () => {
    const error = await findRegion({ profile: "paint" }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: "misconfigured", retryable: false, maybeBilled: false })
    for (const place of [
      "bedrock({ region })",
      "ARN",
      "AWS_REGION",
      "AWS_REGION_NAME",
      "AWS_DEFAULT_REGION",
      '"paint"',
    ])
      expect((error as Error).message).toContain(place)
  })

  it.each(["us-west-2.evil.example/", "US-WEST-2", "us west 2", "us-west-2#"])(
    "rejects %j, which cannot be part of a host name",
    async (region) => {
      vi.stubEnv("AWS_REGION", region)
      await expect(findRegion({})).rejects.toMatchObject({
        code: "misconfigured",
        retryable: false,
        maybeBilled: false,
      })
    },
  )
})

describe("region()", () => {
  it("returns the region of a call", async () => {
    vi.stubEnv("AWS_REGION", "us-east-1")
    await expect(bedrock().region()).resolves.toBe("us-east-1")
    await expect(bedrock().region("eu-west-1")).resolves.toBe("eu-west-1")
  })

  it("never throws", async () => {
    await expect(bedrock().region()).resolves.toBeUndefined()
    vi.stubEnv("AWS_REGION", "not a region")
    await expect(bedrock().region()).resolves.toBeUndefined()
  })
})
