import { ImageError } from "@pictor/core"

const scope = "https://www.googleapis.com/auth/cloud-platform"

const missingLibrary =
  "Vertex AI needs the package google-auth-library for vertex_credentials and for Google's default credentials. Install it, or set api_key."

const rejected =
  "Google issued no access token. Check vertex_credentials, or run gcloud auth application-default login."

/** `vertex_credentials`: the path of a file, the text of a JSON file, or its content. */
const parseCredentials = (given: string | object): object => {
  if (typeof given === "object") return { credentials: given }
  if (!given.trim().startsWith("{")) return { keyFilename: given }
  try {
    return { credentials: JSON.parse(given) as unknown }
  } catch (cause) {
    throw new ImageError({
      code: "misconfigured",
      message: "vertex_credentials is not valid JSON.",
      cause,
    })
  }
}

const openAuth = async (credentials: string | object | undefined) => {
  const library = await import("google-auth-library").catch((cause: unknown) => {
    throw new ImageError({ code: "misconfigured", message: missingLibrary, cause })
  })
  const given = credentials === undefined ? {} : parseCredentials(credentials)
  return new library.GoogleAuth({ scopes: scope, ...given })
}

/** Returns Google's access token, which the library renews. Without credentials: the default's. */
export const googleToken = (credentials: string | object | undefined): (() => Promise<string>) => {
  let opened: ReturnType<typeof openAuth> | undefined
  return async () => {
    opened ??= openAuth(credentials)
    const auth = await opened
    // The library's message may repeat the credentials.
    const token = await auth.getAccessToken().catch(() => undefined)
    if (token) return token
    throw new ImageError({ code: "misconfigured", message: rejected })
  }
}
