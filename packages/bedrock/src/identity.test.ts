import { createHash } from "node:crypto"
import { type BedrockEmulator, createBedrockEmulator } from "@pictor/bedrock-emulator"
import { NodeHttpHandler } from "@smithy/node-http-handler"
import { HttpResponse, http } from "msw"
import { setupServer } from "msw/node"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest"
import { emptyEnvironment, type Home } from "./__fixtures__/environment.ts"
import { keys, titanCall } from "./__fixtures__/server.ts"
import type { BedrockOptions, IdentityOptions } from "./options.ts"
import { bedrock } from "./transport.ts"

const role = "arn:aws:iam::123456789012:role/painter"
const assumed = "AKIDASSUMED"
const later = "2099-01-01T00:00:00Z"
const remoteKeys = (accessKeyId: string) => ({
  AccessKeyId: accessKeyId,
  SecretAccessKey: "s",
  Token: "remote-session",
  Expiration: later,
})

interface StsCall {
  readonly host: string
  readonly signer: string | undefined
  readonly form: URLSearchParams
}

const stsCalls: StsCall[] = []
const containerTokens: (string | null)[] = []
const ssoTokens: (string | null)[] = []
const signerOf = (authorization: string | null | undefined): string | undefined =>
  /Credential=([^/]+)/.exec(authorization ?? "")?.[1]

const sts = http.post(
  /^https:\/\/sts\.([a-z0-9-]+\.)?(?:amazonaws|example)\.com\//,
  async ({ request }) => {
    const form = new URLSearchParams(await request.text())
    stsCalls.push({
      host: new URL(request.url).host,
      signer: signerOf(request.headers.get("authorization")),
      form,
    })
    const action = form.get("Action") ?? ""
    const credentials = `<Credentials><AccessKeyId>${assumed}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>assumed-session</SessionToken><Expiration>${later}</Expiration></Credentials>`
    return HttpResponse.xml(
      `<${action}Response><${action}Result>${credentials}</${action}Result></${action}Response>`,
    )
  },
)
const sso = http.get(
  "https://portal.sso.us-east-1.amazonaws.com/federation/credentials",
  ({ request }) => {
    ssoTokens.push(request.headers.get("x-amz-sso_bearer_token"))
    return HttpResponse.json({
      roleCredentials: {
        accessKeyId: "AKIDSSO",
        secretAccessKey: "s",
        sessionToken: "sso-session",
        expiration: Date.parse(later),
      },
    })
  },
)
const container = http.get("http://169.254.170.2/role", ({ request }) => {
  containerTokens.push(request.headers.get("authorization"))
  return HttpResponse.json(remoteKeys("AKIDCONTAINER"))
})
const network = setupServer(sts, sso, container)

let home: Home
let emulator: BedrockEmulator
beforeAll(() =>
  network.listen({
    onUnhandledFrame: ({ frame, defaults }) => {
      const url = (frame as { readonly data?: { readonly request?: { readonly url?: string } } })
        .data?.request?.url
      if (!url || new URL(url).hostname !== "127.0.0.1") defaults.error()
    },
  }),
)
afterAll(() => network.close())
beforeEach(async () => {
  home = emptyEnvironment()
  emulator = await createBedrockEmulator()
})
afterEach(async () => {
  for (const list of [stsCalls, containerTokens, ssoTokens]) list.length = 0
  home.remove()
  await emulator.close()
})

const call = async (options: BedrockOptions = {}): Promise<void> => {
  const transport = bedrock({
    region: "us-west-2",
    endpoint: emulator.url,
    requestHandler: new NodeHttpHandler(),
    ...options,
  })
  try {
    await transport.invoke(titanCall)
  } finally {
    await transport.close()
  }
}

const arrived = () => {
  const headers = emulator.requests.at(-1)?.headers ?? {}
  const authorization = headers["authorization"] ?? ""
  return {
    scheme: authorization.split(" ")[0],
    who: signerOf(authorization) ?? authorization.split(" ")[1],
    session: headers["x-amz-security-token"],
  }
}

const setEnvironment = (values: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(values)) vi.stubEnv(name, value)
}

const environmentKeys = { AWS_ACCESS_KEY_ID: "AKIDENV", AWS_SECRET_ACCESS_KEY: "s" }
const signed = (who: string, session?: string) => ({ scheme: "AWS4-HMAC-SHA256", who, session })
const bearer = (who: string) => ({ scheme: "Bearer", who, session: undefined })

interface Source {
  readonly environment?: Readonly<Record<string, string>>
  readonly config?: string
  readonly files?: Readonly<Record<string, string>>
  readonly options?: IdentityOptions
  readonly expected: ReturnType<typeof signed>
}

const program = `"${process.execPath}" -e "console.log(JSON.stringify({ Version: 1, AccessKeyId: 'AKIDPROCESS', SecretAccessKey: 's' }))"`
const ssoFiles = {
  [`.aws/sso/cache/${createHash("sha1").update("studio").digest("hex")}.json`]: JSON.stringify({
    accessToken: "sso-token",
    expiresAt: later,
  }),
}
const ssoProfile = "sso_session = studio\nsso_account_id = 123456789012\nsso_role_name = painter\n"
const ssoSession =
  "[sso-session studio]\nsso_region = us-east-1\nsso_start_url = https://example.awsapps.com/start\nsso_registration_scopes = sso:account:access\n"
const paint = "[profile paint]\naws_access_key_id = AKIDPAINT\naws_secret_access_key = s\n"
const key = { AWS_BEARER_TOKEN_BEDROCK: "ambient-key" }

const sources: Readonly<Record<string, Source>> = {
  "keys in the environment": { environment: environmentKeys, expected: signed("AKIDENV") },
  "temporary keys in the environment": {
    environment: { ...environmentKeys, AWS_SESSION_TOKEN: "env-session" },
    expected: signed("AKIDENV", "env-session"),
  },
  "the default profile": {
    config: paint.replace("profile paint", "default"),
    expected: signed("AKIDPAINT"),
  },
  AWS_PROFILE: {
    config: paint,
    environment: { AWS_PROFILE: "paint" },
    expected: signed("AKIDPAINT"),
  },
  "the option profile, before keys in the environment": {
    config: paint,
    environment: environmentKeys,
    options: { profile: "paint" },
    expected: signed("AKIDPAINT"),
  },
  credential_process: {
    config: `[profile tool]\ncredential_process = ${program}\n`,
    environment: { AWS_PROFILE: "tool" },
    expected: signed("AKIDPROCESS"),
  },
  "credential_process by the option profile": {
    config: `[profile tool]\ncredential_process = ${program}\n`,
    options: { profile: "tool" },
    expected: signed("AKIDPROCESS"),
  },
  SSO: {
    config: `[default]\n${ssoProfile}${ssoSession}`,
    files: ssoFiles,
    expected: signed("AKIDSSO", "sso-session"),
  },
  "SSO by the option profile": {
    config: `[profile sign-on]\n${ssoProfile}${ssoSession}`,
    files: ssoFiles,
    options: { profile: "sign-on" },
    expected: signed("AKIDSSO", "sso-session"),
  },
  "a role of a profile": {
    config: `${paint}[profile role]\nrole_arn = ${role}\nsource_profile = paint\nregion = us-west-2\n`,
    options: { profile: "role" },
    expected: signed(assumed, "assumed-session"),
  },
  "the container": {
    environment: {
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/role",
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "container-token",
    },
    expected: signed("AKIDCONTAINER", "remote-session"),
  },
  "the option credentials": {
    options: { credentials: keys },
    environment: environmentKeys,
    expected: signed("AKIDTEST"),
  },
  "the option credentials as a function": {
    options: { credentials: async () => ({ ...keys, sessionToken: "own" }) },
    expected: signed("AKIDTEST", "own"),
  },
  "the option credentials with a blank session token": {
    options: { credentials: { ...keys, sessionToken: "" } },
    expected: signed("AKIDTEST"),
  },
  "the option apiKey": {
    options: { apiKey: " own-key\n" },
    environment: environmentKeys,
    expected: bearer("own-key"),
  },
  "the option apiKey, before the environment's": {
    options: { apiKey: async () => "own-key" },
    environment: key,
    expected: bearer("own-key"),
  },
  "an API key in the environment": {
    environment: { AWS_BEARER_TOKEN_BEDROCK: " ambient-key\n" },
    expected: bearer("ambient-key"),
  },
  "an API key in the environment, before keys there": {
    environment: { ...environmentKeys, ...key },
    expected: bearer("ambient-key"),
  },
  "keys beside an empty API key in the environment": {
    environment: { ...environmentKeys, AWS_BEARER_TOKEN_BEDROCK: "" },
    expected: signed("AKIDENV"),
  },
  "keys beside a blank API key in the environment": {
    environment: { ...environmentKeys, AWS_BEARER_TOKEN_BEDROCK: " \t" },
    expected: signed("AKIDENV"),
  },
  "the option credentials beside an API key in the environment": {
    options: { credentials: keys },
    environment: key,
    expected: signed("AKIDTEST"),
  },
  "the option profile beside an API key in the environment": {
    options: { profile: "paint" },
    config: paint,
    environment: key,
    expected: signed("AKIDPAINT"),
  },
}

describe("a call is signed by", () => {
  it.each(Object.entries(sources))(
    "%s",
    async (_, { environment = {}, config = "", files = {}, options = {}, expected }) => {
      setEnvironment(environment)
      home.write("config", config)
      for (const [path, text] of Object.entries(files)) home.write(path, text)
      const before = process.env["AWS_BEARER_TOKEN_BEDROCK"]
      await call(options)
      expect(arrived()).toEqual(expected)
      expect(process.env["AWS_BEARER_TOKEN_BEDROCK"]).toBe(before)
    },
  )

  it("the role of an OIDC token file in the environment", async () => {
    setEnvironment({
      AWS_WEB_IDENTITY_TOKEN_FILE: home.write("token", "oidc-token"),
      AWS_ROLE_ARN: role,
      AWS_ROLE_SESSION_NAME: "ci",
    })
    await call()
    expect(arrived()).toEqual(signed(assumed, "assumed-session"))
    expect(Object.fromEntries(stsCalls[0]?.form ?? [])).toMatchObject({
      RoleArn: role,
      RoleSessionName: "ci",
      WebIdentityToken: "oidc-token",
    })
  })

  it.each(["token", "tokenFile"])(
    "the role of the option webIdentity by its %s, beside an API key in the environment",
    async (how) => {
      setEnvironment(key)
      const token =
        how === "token" ? { token: "oidc-token" } : { tokenFile: home.write("token", "oidc-token") }
      await call({ webIdentity: { roleArn: role, sessionName: "ci", ...token } })
      expect(arrived()).toEqual(signed(assumed, "assumed-session"))
      expect(stsCalls[0]?.signer).toBeUndefined()
      expect(Object.fromEntries(stsCalls[0]?.form ?? [])).toMatchObject({
        RoleArn: role,
        RoleSessionName: "ci",
        WebIdentityToken: "oidc-token",
      })
    },
  )

  it.each<
    readonly [
      string,
      {
        readonly options?: IdentityOptions
        readonly environment: Readonly<Record<string, string>>
        readonly signer: string
      },
    ]
  >([
    ["the environment's keys", { environment: { ...environmentKeys, ...key }, signer: "AKIDENV" }],
    [
      "the option credentials",
      { options: { credentials: keys }, environment: environmentKeys, signer: "AKIDTEST" },
    ],
    [
      "the option profile",
      { options: { profile: "paint" }, environment: environmentKeys, signer: "AKIDPAINT" },
    ],
  ])(
    "the role of the option roleArn, assumed by %s with the external id",
    async (_, { options = {}, environment, signer }) => {
      setEnvironment(environment)
      home.write("config", paint)
      await call({ ...options, roleArn: role, externalId: "outside", sessionName: "studio" })
      expect(arrived()).toEqual(signed(assumed, "assumed-session"))
      expect(stsCalls[0]?.signer).toBe(signer)
      expect(Object.fromEntries(stsCalls[0]?.form ?? [])).toMatchObject({
        RoleArn: role,
        ExternalId: "outside",
        RoleSessionName: "studio",
      })
    },
  )

  it.each<readonly [string, IdentityOptions]>([
    ["roleArn", { credentials: keys, roleArn: role }],
    ["webIdentity", { webIdentity: { roleArn: role, token: "oidc-token" } }],
  ])("the role of the option %s, from the STS endpoint of the options", async (_, options) => {
    await call({ ...options, stsEndpoint: "https://sts.example.com" })
    expect(arrived()).toEqual(signed(assumed, "assumed-session"))
    expect(stsCalls.map(({ host }) => host)).toEqual(["sts.example.com"])
  })

  it("the container with its own token, and SSO with its own", async () => {
    setEnvironment({
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/role",
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "container-token",
    })
    await call()
    home.write("config2", `[default]\n${ssoProfile}${ssoSession}`)
    for (const [path, text] of Object.entries(ssoFiles)) home.write(path, text)
    vi.stubEnv("AWS_CONFIG_FILE", `${home.folder}/config2`)
    await call()
    expect(containerTokens).toEqual(["container-token"])
    expect(ssoTokens).toEqual(["sso-token"])
  })

  it("an API key that is read before every call", async () => {
    let count = 0
    const transport = bedrock({
      region: "us-west-2",
      endpoint: emulator.url,
      requestHandler: new NodeHttpHandler(),
      apiKey: () => `key-${++count}`,
    })
    await transport.invoke(titanCall)
    await transport.invoke(titanCall)
    const [first, second] = emulator.requests.map(({ headers }) => headers["authorization"])
    expect(first).toMatch(/^Bearer key-\d$/)
    expect(second).toBe(`Bearer key-${count}`)
    expect(second).not.toBe(first)
    await transport.close()
  })
})

describe("a call without valid credentials", () => {
  const failedCall = (options: BedrockOptions = {}) =>
    call(options).catch((error: unknown) => error as Error)

  it("is unauthenticated without any, and names the sources that were read", async () => {
    const error = await failedCall()
    expect(error).toMatchObject({ code: "unauthenticated", maybeBilled: false })
    for (const place of [
      "AWS_ACCESS_KEY_ID",
      "AWS_PROFILE",
      "SSO",
      "AWS_WEB_IDENTITY_TOKEN_FILE",
      "CONTAINER",
      "EC2",
      "AWS_BEARER_TOKEN_BEDROCK",
    ])
      expect((error as Error).message).toContain(place)
    expect(emulator.requests).toEqual([])
  })

  it.each([
    ["unauthenticated", "a profile that does not exist", { profile: "nobody" }, /./],
    ["misconfigured", "a blank apiKey", { apiKey: "  " }, /apiKey.*blank/],
    ["misconfigured", "an apiKey function without a result", { apiKey: () => "" }, /apiKey.*blank/],
    [
      "misconfigured",
      "keys without a secret",
      { credentials: { accessKeyId: "A", secretAccessKey: "" } },
      /accessKeyId/,
    ],
  ])("is %s with %s", async (code, _, options, says) => {
    setEnvironment({ ...environmentKeys })
    const error = await failedCall(options)
    expect(error).toMatchObject({ code })
    expect((error as Error).message).toMatch(says)
    expect(emulator.requests).toEqual([])
  })

  it("is unauthenticated with an expired SSO session, and names the remedy", async () => {
    home.write("config", `[default]\n${ssoProfile}${ssoSession}`)
    home.write(
      Object.keys(ssoFiles)[0] ?? "",
      JSON.stringify({ accessToken: "sso-token", expiresAt: "2020-01-01T00:00:00Z" }),
    )
    const error = await failedCall()
    expect(error).toMatchObject({ code: "unauthenticated" })
    expect((error as Error).message).toContain("aws sso login")
  })

  it("is unauthenticated with a role that STS denies, without STS's text", async () => {
    const body =
      "<ErrorResponse><Error><Code>AccessDenied</Code><Message>user AKIDSECRET may not</Message></Error></ErrorResponse>"
    network.use(http.post(/^https:\/\/sts\./, () => HttpResponse.xml(body, { status: 403 })))
    const error = await failedCall({ credentials: keys, roleArn: role })
    network.resetHandlers()
    expect(error).toMatchObject({ code: "unauthenticated", status: 403 })
    expect(`${(error as Error).message} ${(error as Error).cause}`).not.toContain("AKIDSECRET")
  })

  it("is unauthenticated with a failing credential_process, without the program's text", async () => {
    home.write(
      "config",
      `[profile tool]\ncredential_process = "${process.execPath}" -e "console.error('hush'); process.exit(1)"\n`,
    )
    const error = await failedCall({ profile: "tool" })
    expect(error).toMatchObject({ code: "unauthenticated" })
    expect(`${(error as Error).message} ${(error as Error).cause}`).not.toContain("hush")
  })
})
