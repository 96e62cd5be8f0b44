import fc from "fast-check"
import { malformed, truncated } from "./broken-requests.ts"
import { fieldName, oddPictor, oddPicture, oddValue } from "./odd-values.ts"
import {
  asForm,
  asJson,
  early,
  edits,
  encoded,
  generations,
  json,
  models,
  type Part,
  type Sent,
  small,
  validEdit,
  validGeneration,
} from "./orders.ts"

export interface Callers {
  readonly key: string
  readonly masterKey: string
}

const valid: fc.Arbitrary<Part> = fc.oneof(
  {
    weight: 6,
    arbitrary: validGeneration.map(
      (fields) =>
        ({
          kind: "a valid generation",
          expected: "pictures",
          ...asJson(generations, fields),
        }) as const,
    ),
  },
  {
    weight: 1,
    arbitrary: early.map(
      (fields) =>
        ({
          kind: "a valid stream",
          expected: "pictures",
          ...asJson(generations, { ...fields, stream: true }),
        }) as const,
    ),
  },
  {
    weight: 1,
    arbitrary: validEdit.map(
      (fields) =>
        ({ kind: "a valid edit", expected: "pictures", ...asJson(edits, fields) }) as const,
    ),
  },
  // The mask is a separate file there.
  {
    weight: 1,
    arbitrary: validEdit
      .filter(({ model }) => model !== models.painter)
      .map(
        (fields) => ({ kind: "a valid form", expected: "pictures", ...asForm(fields) }) as const,
      ),
  },
)

const altered = fc
  .tuple(
    fc.oneof({ weight: 3, arbitrary: early }, { weight: 1, arbitrary: validEdit }),
    fc.dictionary(fieldName, oddValue, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
    fc.option(oddPictor, { freq: 3 }),
    fc.constantFrom(generations, generations, edits, "/v1/images/plan", "/images/generations"),
  )
  .map(
    ([fields, odd, pictor, path]): Part => ({
      kind: "odd values",
      ...asJson(path, { ...fields, ...odd, ...(pictor && { pictor }) }),
    }),
  )

const oddForm = fc
  .tuple(
    validEdit,
    fc.dictionary(fieldName, oddValue, { maxKeys: 3, noNullPrototype: true }),
    oddPicture,
  )
  .map(
    ([fields, odd, image]): Part => ({
      kind: "an odd form",
      ...asForm({ ...fields, ...odd, image }),
    }),
  )

const oddPictures = fc.tuple(validEdit, oddPicture, fc.option(oddPicture)).map(
  ([fields, image, mask]): Part => ({
    kind: "odd pictures",
    ...asJson(edits, { ...fields, image, ...(mask !== null && { mask }) }),
  }),
)

const brokenJson = [
  "",
  "{",
  "{'prompt':1}",
  '{"prompt":"tea"} {}',
  '{"model":"x","model":"y"}',
  "\ufeff{}",
  "[".repeat(100_000),
  `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`,
  '"\\ud800"',
  "1e999",
  "\0",
].map((text) => Buffer.from(text))

const oddBody = fc
  .tuple(
    fc.constantFrom(generations, edits, "/v1/images/plan"),
    fc.oneof(
      { weight: 3, arbitrary: oddValue.map(encoded) },
      { weight: 1, arbitrary: fc.constantFrom(...brokenJson) },
    ),
  )
  .map(([path, body]): Part => ({ kind: "an odd body", path, headers: json, body }))

const oddModel = fc.tuple(oddValue, fc.constantFrom(generations, edits)).map(
  ([model, path]): Part => ({
    kind: "an odd model",
    ...asJson(path, { model, prompt: "tea", image: small }),
  }),
)

/** A truncated or corrupted body in a valid HTTP request. */
const spoilt = fc
  .tuple(
    validEdit,
    fc.boolean(),
    fc.nat(),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
  )
  .map(([fields, isForm, end, changes]): Part => {
    const { body = Buffer.alloc(0), ...rest } = isForm ? asForm(fields) : asJson(edits, fields)
    const bytes = Buffer.from(
      body.subarray(0, changes.length === 0 ? end % body.length : body.length),
    )
    for (const [at, to] of changes) bytes[at % bytes.length] = to
    return { kind: "a spoilt body", ...rest, body: bytes }
  })

const oddType = fc
  .tuple(
    validGeneration,
    fc.constantFrom(
      "",
      "text/plain",
      "application/json; charset=latin1",
      "multipart/form-data",
      "multipart/form-data; boundary=",
      "a/b, c/d",
      "application/x-www-form-urlencoded",
    ),
    fc.option(fc.constantFrom("gzip", "br", "deflate", "identity", "zstd")),
  )
  .map(
    ([fields, type, encoding]): Part => ({
      kind: "an odd type",
      path: generations,
      headers: { "content-type": type, ...(encoding && { "content-encoding": encoding }) },
      body: encoded(fields),
    }),
  )

const oddName = fc.oneof(
  fc.constantFrom(
    ..."..%2f..%2fkey%2flist %2e%2e __proto__ constructor %00 %ff amazon.nova-canvas-v1:0 amazon.nova-canvas-v1%3A0 a%0d%0ab // ; ? # %".split(
      " ",
    ),
  ),
  fc
    .string({ unit: "binary", maxLength: 20 })
    .map((text) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, "?"))),
)

const oddPath = fc
  .tuple(
    fc.constantFrom("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"),
    fc.constantFrom(
      "/v1/models/*",
      "/openai/deployments/*/images/generations",
      "/*",
      "/v1/*",
      "/files/*",
      "/files/*?expires=1&signature=*",
      "/docs/*",
      "/health/*",
      "/v1/images/*",
    ),
    oddName,
  )
  .map(
    ([method, path, name]): Part => ({
      kind: "an odd path",
      method,
      path: path.replaceAll("*", name),
      headers: json,
      ...(method === "POST" && { body: encoded({ prompt: "tea" }) }),
    }),
  )

const stranger = fc
  .tuple(
    fc.constantFrom(
      "",
      "Bearer ",
      "Bearer sk-no-such-key",
      "Basic YTpi",
      "Bearer __proto__",
      `Bearer ${"x".repeat(4000)}`,
      "Bearer sk-\xff",
      "Bearer a b",
    ),
    early,
  )
  .map(([authorization, fields]): Part => {
    return {
      kind: "a stranger",
      expected: "refusal",
      ...asJson(generations, fields),
      headers: { ...json, authorization },
    }
  })

const adminPaths = [
  "/key/generate",
  "/key/update",
  "/key/delete",
  "/key/block",
  "/key/unblock",
  "/budget/new",
  "/budget/update",
  "/budget/info",
  "/budget/delete",
]
const adminFields = [
  "models",
  "aliases",
  "max_budget",
  "budget_duration",
  "rpm_limit",
  "duration",
  "metadata",
  "tags",
  "key",
  "keys",
  "user_id",
  "budget_id",
  "blocked",
  "team_id",
  "soft_budget",
  "max_images",
  "key_alias",
]
const adminQueries = [
  "/key/info?key=",
  "/key/list?size=",
  "/key/list?page=",
  "/spend/logs?start_date=",
  "/spend/logs?request_id=",
  "/spend/report?group_by=",
  "/global/spend/report?start_date=",
  "/budget/list?x=",
]

const administration = (masterKey: string): fc.Arbitrary<Part> => {
  const fields = fc.dictionary(fc.oneof(fc.constantFrom(...adminFields), fieldName), oddValue, {
    maxKeys: 4,
    noNullPrototype: true,
  })
  const headers = { ...json, authorization: `Bearer ${masterKey}` }
  return fc.oneof(
    fc
      .tuple(
        fc.constantFrom(...adminPaths),
        fc.oneof({ weight: 4, arbitrary: fields }, { weight: 1, arbitrary: oddValue }),
      )
      .map(
        ([path, value]): Part => ({
          kind: "an odd order to the administration",
          path,
          headers,
          body: encoded(value),
        }),
      ),
    fc.tuple(fc.constantFrom(...adminQueries), oddName).map(
      ([path, name]): Part => ({
        kind: "an odd question to the administration",
        method: "GET",
        path: path + name,
        headers,
      }),
    ),
  )
}

/** Not all of them fail: some are slow or return fewer images. */
const planted = fc
  .tuple(
    early,
    fc.constantFrom(
      "throttle",
      "internal",
      "unavailable",
      "malformed",
      "cut",
      "filtered-output",
      "html-502",
      "model-error",
      "no-access",
      "artifact-error",
      "slow-body;ms=1",
    ),
  )
  .map(
    ([fields, fault]): Part => ({
      kind: "a fault of the provider",
      expected: "fault",
      ...asJson(generations, { ...fields, n: 1, prompt: `tea [[fault:${fault}]]` }),
    }),
  )

const oddHeaders = fc
  .tuple(
    early,
    fc.dictionary(
      fc.constantFrom(
        "x-litellm-timeout",
        "x-litellm-call-id",
        "x-litellm-tags",
        "x-litellm-end-user-id",
        "idempotency-key",
        "traceparent",
        "x-emulator-fault",
        "accept",
      ),
      fc.oneof(
        fc.constantFrom(
          "",
          "0",
          "-1",
          "NaN",
          "1e9",
          "__proto__",
          "__proto__=a",
          "a=b=c,,=",
          "00-0-0-0",
          "x".repeat(300),
          "\xff",
        ),
        fc.string({ maxLength: 20 }),
      ),
      { minKeys: 1, maxKeys: 3, noNullPrototype: true },
    ),
  )
  .map(([fields, headers]): Part => {
    const written = Object.entries(headers).map(([name, value]) => [
      name,
      value.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, ""),
    ])
    return {
      kind: "odd headers",
      ...asJson(generations, fields),
      headers: { ...json, ...Object.fromEntries(written) },
    }
  })

/** Requests of all kinds, including valid ones. */
export const requestsOf = ({ key, masterKey }: Callers): fc.Arbitrary<Sent> =>
  fc
    .oneof(
      { weight: 18, arbitrary: valid },
      { weight: 25, arbitrary: altered },
      { weight: 6, arbitrary: oddForm },
      { weight: 6, arbitrary: oddPictures },
      { weight: 4, arbitrary: oddBody },
      { weight: 4, arbitrary: oddModel },
      { weight: 6, arbitrary: spoilt },
      { weight: 3, arbitrary: oddType },
      { weight: 5, arbitrary: oddPath },
      { weight: 3, arbitrary: stranger },
      { weight: 6, arbitrary: administration(masterKey) },
      { weight: 2, arbitrary: planted },
      { weight: 4, arbitrary: oddHeaders },
      { weight: 5, arbitrary: malformed(key) },
      { weight: 3, arbitrary: truncated(key) },
    )
    .map((part) => ({
      method: "POST",
      path: generations,
      expected: "answer",
      ...part,
      headers: { authorization: `Bearer ${key}`, ...part.headers },
    }))
