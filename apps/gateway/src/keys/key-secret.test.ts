import { createHmac } from "node:crypto"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createComparison, createKeyHash } from "./key-secret.ts"

const text = fc.string({ unit: "grapheme", maxLength: 600, size: "max" })

describe("createComparison", () => {
  it("accepts the same text of any length and no other", () => {
    fc.assert(
      fc.property(text, text, (expected, other) => {
        const isSame = createComparison(expected)
        expect([isSame(other), isSame(expected), isSame(other)]).toEqual([
          other === expected,
          true,
          other === expected,
        ])
      }),
      { seed: 7 },
    )
  })

  it.each([
    "",
    "s",
    "sk-",
    "sk-keyx",
    "sk-key\0",
    `sk-key${"\0".repeat(300)}`,
    "sk-key".repeat(100),
  ])("rejects %j for sk-key", (given) => {
    expect(createComparison("sk-key")(given)).toBe(false)
  })

  it("rejects a prefix and an extension of a long text", () => {
    const long = "k".repeat(1000)
    expect([999, 1000, 1001].map((length) => createComparison(long)("k".repeat(length)))).toEqual([
      false,
      true,
      false,
    ])
  })
})

describe("createKeyHash", () => {
  it("is HMAC-SHA-256 in hexadecimal", () => {
    const secret = Buffer.from("a secret")
    expect(createKeyHash(secret)("sk-key")).toBe(
      createHmac("sha256", secret).update("sk-key").digest("hex"),
    )
  })
})
