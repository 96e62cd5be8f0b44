import { crc32 } from "node:zlib"

/**
 * One `chunk` event that carries the whole reply of the model.
 * https://smithy.io/2.0/aws/amazon-eventstream.html, seen 2026-11-20
 */
export const chunkEvent = (reply: Uint8Array): Uint8Array => {
  const payload = Buffer.from(JSON.stringify({ bytes: Buffer.from(reply).toString("base64") }))
  const headers = Buffer.concat([
    header(":event-type", "chunk"),
    header(":content-type", "application/json"),
    header(":message-type", "event"),
  ])
  const prelude = Buffer.alloc(8)
  prelude.writeUInt32BE(preludeBytes + headers.length + payload.length + checksumBytes, 0)
  prelude.writeUInt32BE(headers.length, 4)
  const message = Buffer.concat([prelude, checksum(prelude), headers, payload])
  return Buffer.concat([message, checksum(message)])
}

const preludeBytes = 12

const checksumBytes = 4

const stringType = 7

const header = (name: string, value: string): Buffer => {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(value.length)
  return Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(name),
    Buffer.from([stringType]),
    length,
    Buffer.from(value),
  ])
}

const checksum = (bytes: Uint8Array): Buffer => {
  const sum = Buffer.alloc(checksumBytes)
  sum.writeUInt32BE(crc32(bytes))
  return sum
}
