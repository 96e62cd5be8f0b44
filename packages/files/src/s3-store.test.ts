import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3"
import { type OpenDatabase, openDatabase, openLedger } from "@pictor/ledger"
import { type FauxqsServer, startFauxqs } from "fauxqs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { aboutOf, imageOf } from "./__fixtures__/images.ts"
import { describeStore } from "./__fixtures__/store-suite.ts"
import { s3Store } from "./s3-store.ts"

let server: FauxqsServer
let client: S3Client
let folder = ""
let buckets = 0
const databases: OpenDatabase[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictor-s3-"))
  server = await startFauxqs({ port: 0, host: "127.0.0.1", logger: false })
  client = new S3Client({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${server.port}`,
    forcePathStyle: true,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  })
})
afterAll(async () => {
  client.destroy()
  await Promise.all(databases.map((database) => database.close()))
  await server.stop()
  await rm(folder, { recursive: true })
})

const freshBucket = (): string => {
  const bucket = `pictures-${buckets++}`
  server.createBucket(bucket)
  return bucket
}

const freshDatabase = async (): Promise<OpenDatabase> => {
  const database = await openDatabase(`file:${join(folder, `${databases.length}.db`)}`)
  databases.push(database)
  return database
}

const download = async (url: string): Promise<Uint8Array> => {
  const response = await fetch(url)
  return new Uint8Array(await response.arrayBuffer())
}

describeStore("an S3 store with an index", async () => ({
  store: s3Store({ bucket: freshBucket(), prefix: "made/", client, index: await freshDatabase() }),
  fetch: download,
}))

describeStore(
  "an S3 store without an index",
  async () => ({ store: s3Store({ bucket: freshBucket(), client }), fetch: download }),
  { unlisted: "S3 has no query by tag or day, and this store has no index" },
)

describe("s3Store", () => {
  it("keeps its index in the ledger's database, and leaves that open", async () => {
    const database = await freshDatabase()
    const ledger = await openLedger(database)
    const store = s3Store({ bucket: freshBucket(), client, index: database })
    await store.put("key", imageOf(), aboutOf())
    await store.close()
    expect(await ledger.spend()).toEqual([])
    const again = s3Store({ bucket: "pictures-0", client, index: database })
    expect((await again.list()).images).toHaveLength(1)
  })

  it("serves an image with its type by a URL that expires", async () => {
    const store = s3Store({ bucket: freshBucket(), client, linkMs: 90_000 })
    await store.put("key", imageOf("jpg"), aboutOf())
    const url = (await store.url("key")) ?? ""
    expect((await fetch(url)).headers.get("content-type")).toBe("image/jpeg")
    expect(new URL(url).searchParams.get("X-Amz-Expires")).toBe("90")
  })

  it("leaves no upload open", async () => {
    const bucket = freshBucket()
    await s3Store({ bucket, client }).put("key", imageOf("png", 12_000_000), aboutOf())
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
    expect(Uploads).toEqual([])
  })

  it("forgets old images in its index", async () => {
    let nowMs = Date.now()
    const store = s3Store({
      bucket: freshBucket(),
      client,
      index: await freshDatabase(),
      now: () => nowMs,
    })
    await store.put("old", imageOf(), aboutOf())
    nowMs += 10_000
    await store.put("new", imageOf(), aboutOf())
    expect(await store.forget(5000)).toBe(1)
    expect((await store.list()).images.map(({ key }) => key)).toEqual(["new"])
  })

  it("names the bucket that does not exist, and what to do", async () => {
    const store = s3Store({ bucket: "nowhere", client })
    await expect(store.put("key", imageOf(), aboutOf())).rejects.toMatchObject({
      code: "misconfigured",
      message:
        "The bucket nowhere does not exist: create it, or correct the bucket option (NoSuchBucket).",
    })
  })

  it("reports a server that does not answer as unavailable", async () => {
    const unreachable = new S3Client({
      region: "us-east-1",
      endpoint: "http://127.0.0.1:1",
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    })
    const store = s3Store({ bucket: "pictures", client: unreachable })
    const failed = { code: "unavailable", retryable: true }
    await expect(store.put("key", imageOf(), aboutOf())).rejects.toMatchObject(failed)
    await expect(store.get("key")).rejects.toMatchObject(failed)
    await expect(store.url("key")).rejects.toMatchObject(failed)
  })

  it.each([
    ["no bucket", { bucket: "" }, /bucket must be the name of a bucket/],
    [
      "links of 8 days",
      { bucket: "b", linkMs: 691_200_000 },
      /linkMs must be 1,000 to 604,800,000/,
    ],
    ["an unknown option", { bucket: "b", folder: "f" }, /s3Store has no option "folder"/],
  ])("rejects %s", (_, options, message) => {
    expect(() => s3Store(options)).toThrow(message)
  })
})
