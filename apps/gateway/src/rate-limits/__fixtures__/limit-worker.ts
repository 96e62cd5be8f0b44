import { createInterface } from "node:readline"
import { callerWith, callOf, studio } from "../../admin/__fixtures__/studio.ts"
import { openWorld } from "../../admin/__fixtures__/world.ts"

/** A gateway process: prints `ready`, waits for a line, prints how many requests were admitted. */
const [url = "", requests = "0"] = process.argv.slice(2)

const print = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const world = await openWorld(url)
const { draw } = studio(world)
const caller = callerWith({ requestsPerMinute: 60, imagesPerMinute: 90, maxParallelRequests: 120 })
const commands = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
print({ ready: true })
await commands.next()
const answers = await Promise.allSettled(
  Array.from({ length: Number(requests) }, () => draw(callOf(caller), 2)),
)
const wrong = answers.flatMap((answer) =>
  answer.status === "rejected" && answer.reason.code !== "rate_limited"
    ? [String(answer.reason)]
    : [],
)
print({ admitted: answers.filter(({ status }) => status === "fulfilled").length, wrong })
await world.close()
process.exit()
