import type { Round } from "./messages.ts"
import { type Family, models } from "./replies.ts"

/** A server that passes pictures on, and how it is asked for one. */
export interface Target {
  readonly label: string
  /** What Node is given, after its own options. */
  readonly words: (port: number, upstream: string) => readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly request: (family: Family, upstream: string) => Pick<Round, "path" | "headers" | "body">
}

const own = (name: string) => (port: number, upstream: string) => [new URL(`servers/${name}.ts`, import.meta.url).pathname, String(port), upstream]

const prompt = "Sri lanka tea plantation."

const asOpenAi = (family: Family, headers: Readonly<Record<string, string>>): ReturnType<Target["request"]> => ({
  path: "/v1/images/generations",
  headers,
  body: JSON.stringify({ model: models[family], prompt, n: 1, size: "1024x1024" }),
})

export const proxy: Target = {
  label: "byte proxy",
  words: own("proxy"),
  request: (family) => ({
    path: `/model/${encodeURIComponent(models[family])}/invoke`,
    headers: { authorization: "Bearer none" },
    body: JSON.stringify({ prompt }),
  }),
}

export const parsing: Target = { label: "parse and stringify", words: own("parsing"), request: (family) => asOpenAi(family, {}) }

export const standIn: Target = {
  label: "Pictor (stand-in)",
  words: own("stand-in"),
  request: (family) => asOpenAi(family, { authorization: "Bearer sk-bench" }),
}

/** Of Bedrock's image models it has Stability's only. */
export const portkey = (program: string): Target => ({
  label: "Portkey",
  words: (port) => [program, `--port=${port}`, "--headless"],
  env: { TRUSTED_CUSTOM_HOSTS: "127.0.0.1" },
  request: (family, upstream) =>
    asOpenAi(family, {
      "x-portkey-provider": "bedrock",
      "x-portkey-aws-access-key-id": "AKIDEXAMPLE",
      "x-portkey-aws-secret-access-key": "none",
      "x-portkey-aws-region": "us-east-1",
      "x-portkey-custom-host": upstream,
    }),
})
