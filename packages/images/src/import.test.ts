import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, it } from "vitest"

const program = `
  import { registerHooks } from "node:module"
  const seen = new Set()
  registerHooks({ load: (url, context, next) => (/sharp/.test(url.split("/node_modules/").at(-1).split("/")[0]) && seen.add(url), next(url, context)) })
  const { sharpImages, fitImage, maskFrom } = await import(${JSON.stringify(new URL("./index.ts", import.meta.url).href)})
  const { inspect } = sharpImages()
  await inspect(new Uint8Array([1])).catch(() => {})
  const counts = [typeof fitImage, typeof maskFrom, [...seen].filter((url) => url.includes("node_modules")).length]
  await inspect(new Uint8Array([0xff, 0xd8, 0xff])).catch((error) => counts.push(error.code))
  counts.push(seen.size > 0)
  console.log(JSON.stringify(counts))
`

it("does not load sharp before it reads an image", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@pictor/source",
    "--input-type=module",
    "--eval",
    program,
  ])
  expect(JSON.parse(stdout)).toEqual(["function", "function", 0, "invalid_request", true])
})
