import type { ParsedModel } from "@pictor/core/adapter"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseModel } from "./parse.ts"

const account = "arn:aws:bedrock:us-west-2:123456789012"
const unlisted = (id: string) =>
  `${id} is called as given: no page of AWS lists this inference profile`
const inpaint = "stability.stable-image-inpaint-v1:0"

const table: readonly (readonly [given: string, parsed: ParsedModel | undefined])[] = [
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
  it.each(table)("reads %j", (given, parsed) => {
    expect(parseModel(given)).toEqual(parsed)
  })

  it("names a region that can stand in a host name, whatever it is given", () => {
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

  it("answers a long hostile string at once", () => {
    const started = performance.now()
    parseModel(`bedrock/${"us-".repeat(600)}`)
    parseModel(`arn:aws${"-a".repeat(900)}:bedrock`)
    expect(performance.now() - started).toBeLessThan(100)
  })
})
