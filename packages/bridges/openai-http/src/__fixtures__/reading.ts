import { z } from "zod"
import {
  completedEvent,
  errorEvent,
  errorResponse,
  imagesResponse,
  reportEvent,
} from "../schemas.ts"

/** A success, as its schema says it. */
export const imagesOf = async (response: Response) => {
  const body: unknown = await response.json()
  if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(body)}`)
  return imagesResponse.parse(body)
}

/** A failure, as its schema says it. */
export const errorOf = async (response: Response) => ({
  status: response.status,
  ...errorResponse.parse(await response.json()).error,
})

const anyEvent = completedEvent.or(reportEvent).or(errorEvent)

/** A block of a stream, as its schema says it. */
const eventOf = (block: string) => {
  const [event, data = ""] = block.split("\n")
  return {
    event: event?.replace("event: ", ""),
    ...anyEvent.parse(JSON.parse(data.replace("data: ", ""))),
  }
}

/** The events of a stream as they come. */
export async function* eventsIn(response: Response) {
  let text = ""
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(
    new TextDecoderStream(),
  )) {
    const blocks = (text + chunk).split("\n\n")
    text = blocks.pop() ?? ""
    for (const block of blocks) yield eventOf(block)
  }
}

/** All events of a stream. */
export const allEventsOf = async (response: Response) => {
  const events: ReturnType<typeof eventOf>[] = []
  for await (const event of eventsIn(response)) events.push(event)
  return events
}

/** The images of a stream that has nothing but images. */
export const eventsOf = async (response: Response) => {
  const events = await allEventsOf(response)
  return events.map((event) => completedEvent.extend({ event: z.string() }).parse(event))
}
