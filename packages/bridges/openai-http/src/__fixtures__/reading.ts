import { z } from "zod"
import {
  completedEvent,
  errorEvent,
  errorResponse,
  imagesResponse,
  reportEvent,
} from "../schemas.ts"

/** The body of a success, validated. */
export const imagesOf = async (response: Response) => {
  const body: unknown = await response.json()
  if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(body)}`)
  return imagesResponse.parse(body)
}

/** The body of a failure, validated, and its status. */
export const errorOf = async (response: Response) => ({
  status: response.status,
  ...errorResponse.parse(await response.json()).error,
})

const anyEvent = completedEvent.or(reportEvent).or(errorEvent)

/** One event of a stream, validated. */
const eventOf = (block: string) => {
  const [event, data = ""] = block.split("\n")
  return {
    event: event?.replace("event: ", ""),
    ...anyEvent.parse(JSON.parse(data.replace("data: ", ""))),
  }
}

/** The events of a stream as they arrive. */
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

/** The events of a stream that has only images. */
export const eventsOf = async (response: Response) => {
  const events = await allEventsOf(response)
  return events.map((event) => completedEvent.extend({ event: z.string() }).parse(event))
}
