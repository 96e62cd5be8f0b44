import { describe, expect, it } from "vitest"
import { isTransient, postgresError } from "./postgres-error.ts"

const failure = (code: string, message = "secret words of the server"): Error =>
  Object.assign(new Error(message), { code })

describe("an error of PostgreSQL", () => {
  it.each([
    ["40001", true],
    ["40P01", true],
    ["53300", true],
    ["55P03", true],
    ["57P01", true],
    ["08006", true],
    ["ECONNRESET", true],
    ["ENOTFOUND", true],
  ])("with the code %s is tried again", (code) => {
    expect(isTransient(failure(code))).toBe(true)
    expect(postgresError(failure(code))).toMatchObject({ code: "unavailable", retryable: true })
  })

  it.each([
    ["53100", "unavailable"],
    ["53200", "unavailable"],
    ["57014", "unavailable"],
    ["58030", "unavailable"],
    ["XX000", "unavailable"],
    ["EISDIR", "unavailable"],
    ["22003", "invalid_request"],
    ["23505", "invalid_request"],
  ])("with the code %s is not retryable", (code, meaning) => {
    expect(isTransient(failure(code))).toBe(false)
    expect(postgresError(failure(code))).toMatchObject({ code: meaning, retryable: false })
  })

  it("without a code is not retryable, unless it says that the connection was lost", () => {
    const lost = new Error("Connection terminated unexpectedly")
    expect(postgresError(new Error("?"))).toMatchObject({ code: "unavailable", retryable: false })
    expect(postgresError(lost)).toMatchObject({ code: "unavailable", retryable: true })
  })

  it("is the cause of a message that does not quote it", () => {
    const cause = failure("XX000")
    const error = postgresError(cause)
    expect(error.cause).toBe(cause)
    expect(error.message).not.toContain("secret")
  })
})
