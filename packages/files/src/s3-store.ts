import {
  GetObjectCommand,
  HeadObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3"
import { Upload } from "@aws-sdk/lib-storage"
import { getSignedUrl } from "@aws-sdk/s3-request-presigner"
import { ImageError, type ImageStore } from "@pictor/core"
import { checkOptionNames, invalid } from "@pictor/core/ledger"
import { checkEntry, type IndexOptions, type IndexPlace, openImageIndex } from "./image-index.ts"
import { lazy } from "./lazy.ts"

export interface S3StoreOptions extends IndexOptions {
  readonly bucket: string
  /** Before every key: `pictures/`. */
  readonly prefix?: string
  /** Default: a client with the region and the credentials of the environment. */
  readonly client?: S3Client
  /** How long a URL is valid, at most 7 days. Default one hour. */
  readonly linkMs?: number
  /** Where the store keeps what is known of its images. Without it nothing can be listed. */
  readonly index?: IndexPlace
}

/** An `ImageStore` in a bucket of S3, or of a server with the same API. */
export interface S3Store extends ImageStore {
  /** Closes the client and the index if this store opened them. */
  close(): Promise<void>
}

export interface ListingS3Store extends S3Store {
  list: NonNullable<ImageStore["list"]>
  /**
   * Deletes what the index knows of images older than an age; returns their number. The bucket's
   * lifecycle rules delete the images.
   */
  forget(ageMs: number): Promise<number>
}

export interface CreateS3Store {
  (options: S3StoreOptions & { readonly index: IndexPlace }): ListingS3Store
  (options: S3StoreOptions): S3Store
}

const optionNames = {
  bucket: true,
  prefix: true,
  client: true,
  linkMs: true,
  index: true,
  recipes: true,
  now: true,
} as const

const hourMs = 3_600_000
/** Signatures of version 4 are valid for 7 days at most. */
const maxLinkMs = 168 * hourMs
/** No image is larger. */
const maxBytes = 268_435_456

const isMissing = (error: unknown): boolean =>
  error instanceof S3ServiceException && ["NoSuchKey", "NotFound"].includes(error.name)

const forbidden: ReadonlySet<string> = new Set([
  "AccessDenied",
  "CredentialsProviderError",
  "ExpiredToken",
  "Forbidden",
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
])

const messages = {
  forbidden:
    "may not be used with these credentials: allow s3:GetObject, s3:PutObject and s3:AbortMultipartUpload",
  misconfigured: "does not exist: create it, or correct the bucket option",
  unavailable: "did not answer as expected: try again later",
} as const

const toImageError = (error: unknown, bucket: string): ImageError => {
  const name = error instanceof Error ? error.name : "unknown"
  const code = forbidden.has(name)
    ? "forbidden"
    : name === "NoSuchBucket"
      ? "misconfigured"
      : "unavailable"
  return new ImageError({
    code,
    message: `The bucket ${bucket} ${messages[code]} (${name}).`,
    retryable: code === "unavailable",
    cause: error,
  })
}

const checkOptions = (options: S3StoreOptions): void => {
  checkOptionNames("s3Store", options, optionNames)
  const { bucket, linkMs = hourMs } = options
  if (typeof bucket !== "string" || bucket === "")
    throw invalid("bucket must be the name of a bucket.")
  if (!(linkMs >= 1000 && linkMs <= maxLinkMs))
    throw invalid("linkMs must be 1,000 to 604,800,000, which is 7 days.")
}

/** Put, get and url on a client. Only whole objects are ever visible. */
const s3Objects = (client: S3Client, options: S3StoreOptions) => {
  const { bucket, prefix = "", linkMs = hourMs } = options
  const place = (key: string) => ({ Bucket: bucket, Key: `${prefix}${key}` })
  /** Undefined if the object does not exist. */
  const ask = async <Out>(work: Promise<Out>): Promise<Out | undefined> =>
    work.catch((error: unknown) => {
      if (isMissing(error)) return undefined
      throw toImageError(error, bucket)
    })
  return {
    put: async (key: string, bytes: Uint8Array, mediaType: string): Promise<void> => {
      const params = { ...place(key), Body: bytes, ContentType: mediaType }
      // Larger than a part, it is sent in parts, which become visible together.
      await new Upload({ client, params }).done().catch((error: unknown) => {
        throw toImageError(error, bucket)
      })
    },
    get: async (key: string) => {
      const found = await ask(client.send(new GetObjectCommand(place(key))))
      if (!found?.Body) return undefined
      if ((found.ContentLength ?? 0) > maxBytes)
        throw invalid(`The object ${prefix}${key} has more than ${maxBytes} bytes: it is no image.`)
      const bytes = await found.Body.transformToByteArray().catch((error: unknown) => {
        throw toImageError(error, bucket)
      })
      return { bytes, mediaType: found.ContentType ?? "application/octet-stream" }
    },
    url: async (key: string): Promise<string | undefined> => {
      if (!(await ask(client.send(new HeadObjectCommand(place(key)))))) return undefined
      const seconds = Math.floor(linkMs / 1000)
      return getSignedUrl(client, new GetObjectCommand(place(key)), { expiresIn: seconds })
    },
  }
}

/**
 * Images as objects of a bucket, behind presigned URLs. With an `index`, such as the ledger's
 * database, it lists them.
 *
 * @example
 * const database = await openDatabase("postgres://user@host/pictor")
 * const imageStore = s3Store({ bucket: "pictures", index: database })
 */
export const s3Store: CreateS3Store = (options: S3StoreOptions): ListingS3Store => {
  checkOptions(options)
  const { index: place, client = new S3Client(), now = Date.now } = options
  const objects = s3Objects(client, options)
  const index = place === undefined ? undefined : lazy(() => openImageIndex(place, options))
  const listing =
    index &&
    ({
      list: async (query) => (await index.get()).list(query),
      forget: async (ageMs) => (await index.get()).forget(now() - ageMs),
    } satisfies Pick<ListingS3Store, "list" | "forget">)
  const store: S3Store = {
    put: async (key, image, about) => {
      checkEntry(key, about)
      const bytes = image.bytes()
      await objects.put(key, bytes, image.mediaType)
      const { mediaType } = image
      const file = { key, mediaType, byteLength: bytes.byteLength }
      await (await index?.get())?.put(file, about)
    },
    get: objects.get,
    url: objects.url,
    close: async () => {
      if (!options.client) client.destroy()
      await (await index?.opened()?.catch(() => undefined))?.close()
    },
    ...listing,
  }
  // The overloads say that `list` is there with an index only.
  return store as ListingS3Store
}
