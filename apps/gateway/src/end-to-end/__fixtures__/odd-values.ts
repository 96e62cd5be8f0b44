import fc from "fast-check"
import {
  parameters,
  pictorFields,
} from "../../../../../packages/bridges/openai-http/src/parameters.ts"
import { base64Of, picture } from "../../../../example/src/across/pictures.ts"
import { bombs } from "./decompression-bombs.ts"

/** A tree that overflows the stack of a recursive reader. */
const deep = (depth: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

const proto: unknown = JSON.parse(
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
)

const numbers = [0, -1, -0, 0.5, 3, 1e9, 2 ** 31, 2 ** 53, 1e308, -1e308, 1e-320]
const words = [
  "",
  " ",
  "auto",
  "NaN",
  "Infinity",
  "-1",
  "1e999",
  "0x10",
  "１",
  "true",
  "null",
  "\0",
  "\ud800",
  "𝒯",
  "猫",
  "a\r\nx-injected: 1",
  "%00",
  "%2e%2e%2f",
]
const paths = [
  "../../../etc/passwd",
  "..\\..\\boot.ini",
  "bedrock/../amazon.nova-canvas-v1:0",
  "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-canvas-v1:0",
]
const prototypes = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
]
const sizes = [
  "0x0",
  "1x1",
  "320x320",
  "99999999x1",
  "-320x320",
  "320X320",
  "320",
  "x",
  "320x320x320",
  "1e3x1e3",
  "∞x∞",
]
const addresses = [
  "http://127.0.0.1:1/a.png",
  "http://169.254.169.254/latest/meta-data/",
  "https://[::1]/a.png",
  "https://localhost/a.png",
  "https://example.invalid/a.png",
  "file:///etc/passwd",
  "ftp://example.invalid/a.png",
  "https://",
]
const dataUrls = [
  "data:image/png;base64,",
  "data:image/png;base64,@@@@",
  "data:text/html,<script>",
  "data:image/svg+xml;base64,PHN2Zy8+",
  "data:,",
  "data:image/png,iVBORw0KGgo",
  `data:image/jpeg;base64,${base64Of(picture("64x64"))}`,
]

const scalar = fc.constantFrom<unknown>(
  ...numbers,
  ...words,
  ...paths,
  ...prototypes,
  ...sizes,
  ...addresses,
  ...dataUrls,
  true,
  false,
  null,
)

/** Images and invalid images. */
export const oddPicture: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .constantFrom("320x320", "64x64", "1x1", "128x128")
      .map((size) => base64Of(picture(size))),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom<unknown>(
      ...addresses,
      ...dataUrls,
      "",
      "AAAA",
      "iVBORw0KGgo=",
      5,
      null,
      [],
      {},
    ),
  },
  { weight: 2, arbitrary: fc.nat(200).map((end) => base64Of(picture("64x64").subarray(0, end))) },
  { weight: 1, arbitrary: fc.constantFrom(...Object.values(bombs)).map(base64Of) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      { image_url: addresses[0] },
      { image_url: { url: dataUrls[0] } },
      { file_id: "file-1" },
      [null],
      [[]],
    ),
  },
)

export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 12, arbitrary: scalar },
  { weight: 2, arbitrary: fc.string({ unit: "binary" }) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      proto,
      deep(31),
      deep(40),
      deep(1000),
      "x".repeat(20_000),
      Array.from({ length: 3000 }, () => 0),
    ),
  },
  { weight: 2, arbitrary: oddPicture },
)

/** Fields of the models' bodies. */
const wireNames = [
  "taskType",
  "textToImageParams",
  "imageGenerationConfig",
  "inPaintingParams",
  "imageVariationParams",
  "colorGuidedGenerationParams",
  "backgroundRemovalParams",
  "text_prompts",
  "cfg_scale",
  "clip_guidance_preset",
  "init_image",
  "mask_source",
  "aspect_ratio",
  "mode",
  "extras",
  "anthropic_version",
]

const known = Object.keys(parameters.edits).filter((name) => name !== "model")

export const fieldName: fc.Arbitrary<string> = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(...known) },
  { weight: 3, arbitrary: fc.constantFrom(...wireNames) },
  { weight: 2, arbitrary: fc.constantFrom(...prototypes, "", "a.b", "a[b]", "prompt ", "Model") },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
)

/** `pictor` with valid fields. */
export const oddPictor: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.dictionary(
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...pictorFields) },
    { weight: 1, arbitrary: fc.constantFrom(...prototypes) },
  ),
  oddValue,
  { maxKeys: 3, noNullPrototype: true },
)
