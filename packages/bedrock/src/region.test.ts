import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { emptyEnvironment, type Home } from "./__fixtures__/environment.ts"
import { findRegion } from "./region.ts"
import { bedrock } from "./transport.ts"

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
  readonly asked?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly config?: string
  readonly credentials?: string
  readonly profile?: string
}

const table: readonly (readonly [what: string, places: Places, expected: string])[] = [
  [
    "the option",
    { option: "sa-east-1", asked: "ca-central-1", environment: everything, config },
    "sa-east-1",
  ],
  [
    "the ARN or model string",
    { asked: "ca-central-1", environment: everything, config },
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
    "the profile's part in the credentials file",
    { config, credentials: "[default]\nregion = eu-north-1\n" },
    "eu-north-1",
  ],
  ["a blank option passed over", { option: " ", environment: everything }, "us-east-1"],
]

describe("findRegion", () => {
  it.each(table)("takes %s", async (_, places, expected) => {
    for (const [name, value] of Object.entries(places.environment ?? {})) vi.stubEnv(name, value)
    home.write("config", places.config ?? "")
    home.write("credentials", places.credentials ?? "")
    const options = { region: places.option, profile: places.profile }
    await expect(findRegion(options, places.asked)).resolves.toBe(expected)
  })

  it("says every place that it looked at", async () => {
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
    "refuses %j, which could not stand in a host name",
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
  it("tells the region of a call", async () => {
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
