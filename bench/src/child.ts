import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"

/** Runs a module as a child process, without the AWS settings of the environment. */
export const start = (url: string, words: readonly string[] = []): ChildProcess => {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS|NODE)_/.test(name)),
  )
  return fork(new URL(url), words, { execArgv: ["--expose-gc"], env, serialization: "advanced" })
}

/** The child's next message. Throws if the child exits first. */
export const answerOf = async (child: ChildProcess): Promise<unknown> => {
  const ended = new AbortController()
  const message = once(child, "message", { signal: ended.signal }) as Promise<unknown[]>
  const exit = once(child, "exit", { signal: ended.signal }).then(([code]) => {
    throw new Error(`${child.spawnargs.slice(-2).join(" ")} exited with ${code}`)
  })
  try {
    return (await Promise.race([message, exit]))[0]
  } finally {
    ended.abort()
    await Promise.allSettled([message, exit])
  }
}
