import { completedEvent, errorResponse, imagesResponse } from "../schemas.ts"

/** A success, as its schema says it. */
export const imagesOf = async (response: Response) => {
  const body: unknown = await response.json()
  if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(body)}`)
  return imagesResponse.parse(body)
}

/** A failure, as its schema says it. */
export const errorOf = async (response: Response) => ({ status: response.status, ...errorResponse.parse(await response.json()).error })

/** The events of a stream. */
export const eventsOf = async (response: Response) => {
  const text = await response.text()
  return text
    .split("\n\n")
    .filter(Boolean)
    .map((block) => {
      const [event, data = ""] = block.split("\n")
      return { event: event?.replace("event: ", ""), ...completedEvent.parse(JSON.parse(data.replace("data: ", ""))) }
    })
}
