import { createHmac } from "node:crypto"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { hashWith, sameAs } from "./key-secret.ts"

const text = fc.string({ unit: "grapheme", maxLength: 600, size: "max" })

describe("sameAs", () => {
  it("knows the same text, of any length, and no other", () => {
    fc.assert(
      fc.property(text, text, (expected, other) => {
        const isSame = sameAs(expected)
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
  ])("does not take %j for sk-key", (given) => {
    expect(sameAs("sk-key")(given)).toBe(false)
  })

  it("does not take a long text for what it begins with", () => {
    const long = "k".repeat(1000)
    expect([999, 1000, 1001].map((length) => sameAs(long)("k".repeat(length)))).toEqual([
      false,
      true,
      false,
    ])
  })
})

describe("hashWith", () => {
  it("is HMAC-SHA-256 in hexadecimal", () => {
    const secret = Buffer.from("a secret")
    expect(hashWith(secret)("sk-key")).toBe(
      createHmac("sha256", secret).update("sk-key").digest("hex"),
    )
  })
})
