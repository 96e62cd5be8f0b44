import fc from "fast-check"
import { asForm, asJson, edits, type Part, validEdit } from "./orders.ts"

const firstLines = [
  "POST /v1/images/generations HTTP/1.1",
  "GET /v1/models HTTP/1.1",
  "POST /v1/images/generations HTTP/9.9",
  "POST  /v1/images/generations HTTP/1.1",
  "BREW /v1/models HTTP/1.1",
  "POST http://elsewhere.invalid/v1/models HTTP/1.1",
  "OPTIONS * HTTP/1.1",
  "GET //v1/models HTTP/1.1",
  "GET /\xff\xfe HTTP/1.1",
  "PRI * HTTP/2.0",
  "CONNECT a:1 HTTP/1.1",
  "",
]
const headLines = [
  "content-type: application/json",
  "content-length: 10",
  "content-length: -1",
  "content-length: 9999999999999999999",
  "content-length: 1e3",
  "transfer-encoding: chunked",
  "transfer-encoding: chunked, identity",
  "transfer-encoding: gzip",
  "expect: 100-continue",
  "expect: something",
  "upgrade: websocket\r\nconnection: upgrade",
  "x: y\r\n z",
  " folded",
  "no colon",
  "host: a\r\nhost: b",
  "host: [&k",
  `x-long: ${"x".repeat(20_000)}`,
]
const tails = [
  "",
  '{"prompt":"tea"}',
  "5\r\nabc",
  "zz\r\n",
  "0\r\n\r\n",
  "5\r\nhello\r\n0\r\n\r\n",
  "\0\0\0",
  "ffffffffffffffff\r\n",
]

/** Malformed HTTP. */
export const malformed = (key: string): fc.Arbitrary<Part> =>
  fc
    .tuple(
      fc.constantFrom(...firstLines),
      fc.subarray(headLines, { maxLength: 4 }),
      fc.constantFrom(...tails),
      fc.boolean(),
    )
    .map(([first, head, tail, hasHost]): Part => {
      const lines = [
        first,
        ...(hasHost ? ["host: localhost"] : []),
        `authorization: Bearer ${key}`,
        ...head,
      ]
      return {
        kind: "malformed HTTP",
        raw: Buffer.from(`${lines.join("\r\n")}\r\n\r\n${tail}`, "latin1"),
      }
    })

/** A valid request, sent in part. */
export const truncated = (key: string): fc.Arbitrary<Part> =>
  fc.tuple(validEdit, fc.boolean(), fc.nat()).map(([fields, isForm, end]): Part => {
    const {
      path,
      headers,
      body = Buffer.alloc(0),
    } = isForm ? asForm(fields) : asJson(edits, fields)
    const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${key}\r\ncontent-type: ${headers["content-type"]}\r\ncontent-length: ${body.length}\r\n\r\n`
    const whole = Buffer.concat([Buffer.from(head), body])
    return { kind: "a truncated request", raw: whole.subarray(0, end % whole.length) }
  })
