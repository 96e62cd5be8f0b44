import { createInterface } from "node:readline"
import { callerWith, callOf, studio } from "../../admin/__fixtures__/studio.ts"
import { openWorld } from "../../admin/__fixtures__/world.ts"

/** A gateway process of its own: it says `ready`, is told `go`, and says how many of its requests for two images were admitted. */
const [url = "", requests = "0"] = process.argv.slice(2)

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const world = await openWorld(url)
const { draw } = studio(world)
const caller = callerWith({ requestsPerMinute: 60, imagesPerMinute: 90, maxParallelRequests: 120 })
const told = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
say({ ready: true })
await told.next()
const answers = await Promise.allSettled(
  Array.from({ length: Number(requests) }, () => draw(callOf(caller), 2)),
)
const wrong = answers.flatMap((answer) =>
  answer.status === "rejected" && answer.reason.code !== "rate_limited"
    ? [String(answer.reason)]
    : [],
)
say({ admitted: answers.filter(({ status }) => status === "fulfilled").length, wrong })
await world.close()
process.exit()
