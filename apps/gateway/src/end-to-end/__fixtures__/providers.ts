import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { createFluxEmulator } from "@pictor/flux-emulator"
import { createGeminiEmulator } from "@pictor/gemini-emulator"
import { createOpenAiEmulator } from "@pictor/openai-emulator"

/** An address that answers every request in the same way. */
export interface Place {
  readonly url: string
  readonly close: () => Promise<unknown>
}

type Answer = (origin: string) => {
  readonly status: number
  readonly type: string
  readonly body: string
}

const startServer = async (answer: Answer): Promise<Place> => {
  const server = createServer((request, response) => {
    const { status, type, body } = answer(`http://${request.headers.host}`)
    request.resume().on("end", () => {
      response.writeHead(status, { "content-type": type }).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  }
}

const startClosed = async (): Promise<Place> => {
  const place = await startServer(() => ({ status: 500, type: "text/plain", body: "" }))
  await place.close()
  return { ...place, close: async () => undefined }
}

/** Addresses of providers by what is wrong with them. */
export const openPlaces = async () => {
  const openai = await createOpenAiEmulator({ seed: 1, keepRequests: 0 })
  const gemini = await createGeminiEmulator({ seed: 1, keepRequests: 0 })
  const flux = await createFluxEmulator({ seed: 1, keepRequests: 0, pendingPolls: 0 })
  const json = (body: object, status = 200) => ({
    status,
    type: "application/json",
    body: JSON.stringify(body),
  })
  const page = "<!doctype html><title>Welcome</title>"
  const html = await startServer(() => ({ status: 200, type: "text/html", body: page }))
  const closed = await startClosed()
  const notFound = await startServer(() => json({ detail: "Not Found" }, 404))
  // The answer to an order, and to its poll.
  const otherHost = await startServer((origin) =>
    json({
      id: "job-1",
      polling_url: `${origin}/v1/get_result?id=job-1`,
      status: "Ready",
      result: { sample: "http://files.example/secret.jpg" },
    }),
  )
  const bases = ({ url }: Place) => ({
    openai: `${url}/v1`,
    gemini: `${url}/v1beta`,
    flux: `${url}/v1`,
  })
  return {
    endpoints: {
      provider: {
        openai: `${openai.url}/v1`,
        gemini: `${gemini.url}/v1beta`,
        flux: `${flux.url}/v1`,
      },
      html: bases(html),
      closed: bases(closed),
      notFound: bases(notFound),
      otherHost: bases(otherHost),
    },
    billed: () =>
      openai.bill.reduce((sum, { microUsd }) => sum + microUsd, 0) +
      gemini.bill().microUsd +
      flux.bill().microUsd,
    close: () =>
      Promise.all(
        [openai, gemini, flux, html, closed, notFound, otherHost].map((each) => each.close()),
      ),
  }
}

export type Endpoints = Awaited<ReturnType<typeof openPlaces>>["endpoints"]
