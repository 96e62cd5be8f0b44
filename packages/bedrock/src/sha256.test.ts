import * as crypto from "node:crypto"
import { describe, expect, it } from "vitest"
import { createSha256 } from "./sha256.ts"

const digestOf = async (
  Sha256: ReturnType<typeof createSha256>,
  data: string,
  secret?: string | ArrayBuffer | ArrayBufferView,
): Promise<string> => {
  const hash = new Sha256(secret)
  for (const part of data.match(/.{1,7}/gs) ?? []) hash.update(Buffer.from(part))
  return Buffer.from(await hash.digest()).toString("hex")
}

describe("SHA-256 for the signer", () => {
  it("is Node's, with a secret and without, however often and with however many secrets it is asked for", async () => {
    const Sha256 = createSha256(crypto)
    const secrets = Array.from({ length: 25 }, (_, index) => `secret ü ${index}`)
    for (const secret of [...secrets, ...secrets]) {
      const expected = crypto.createHmac("sha256", secret).update("what is signed").digest()
      expect(await digestOf(Sha256, "what is signed", secret)).toBe(expected.toString("hex"))
      const derived = crypto.createHmac("sha256", expected).update("next").digest("hex")
      const moved = Buffer.concat([Buffer.of(0), expected])
      expect(await digestOf(Sha256, "next", expected)).toBe(derived)
      expect(await digestOf(Sha256, "next", moved.subarray(1))).toBe(derived)
      expect(await digestOf(Sha256, "next", new Uint8Array(expected).buffer)).toBe(derived)
    }
    expect(await digestOf(Sha256, "alone")).toBe(crypto.hash("sha256", "alone"))
  })

  it("begins anew when it is reset", async () => {
    const hash = new (createSha256(crypto))("secret")
    hash.update(Buffer.from("forgotten"))
    hash.reset()
    hash.update(Buffer.from("kept"))
    expect(await hash.digest()).toEqual(
      crypto.createHmac("sha256", "secret").update("kept").digest(),
    )
  })
})
