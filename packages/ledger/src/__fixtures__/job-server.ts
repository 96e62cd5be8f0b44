import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { setTimeout as delay } from "node:timers/promises"

/** One pixel. https://www.w3.org/TR/png-3/, seen 2026-11-20 */
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg=="

interface OrderedJob {
  readonly id: string
  readonly key: string
  readonly images: number
}

/** A provider of jobs: it answers an order, and ends its job, after random waits. */
export const startJobServer = async (random: () => number) => {
  const jobs: OrderedJob[] = []
  const ready = new Set<string>()
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === "POST") {
      const body = JSON.parse(await text(request)) as { prompt: string; count: number }
      const job = { id: `job-${jobs.length}`, key: body.prompt, images: body.count }
      jobs.push(job)
      setTimeout(() => ready.add(job.id), random() * 60)
      await delay(random() * 20)
      response.end(JSON.stringify({ id: job.id }))
      return
    }
    const job = jobs.find(({ id }) => request.url === `/${id}`)
    await delay(random() * 10)
    response.statusCode = job ? (ready.has(job.id) ? 200 : 202) : 404
    const images = Array.from({ length: job?.images ?? 0 }, () => pixel)
    response.end(JSON.stringify({ images }))
  }
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    jobs,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}
