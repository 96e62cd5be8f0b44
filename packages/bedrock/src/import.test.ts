import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, it } from "vitest"

const program = `
  import { registerHooks } from "node:module"
  const seen = new Set()
  registerHooks({ load: (url, context, next) => (/aws|smithy/i.test(url.split("/node_modules/").at(-1)) && seen.add(url), next(url, context)) })
  const aws = () => seen.size
  const { bedrock } = await import(${JSON.stringify(new URL("./index.ts", import.meta.url).href)})
  const counts = [aws()]
  const transport = bedrock({ region: "us-west-2", endpoint: "http://127.0.0.1:1", credentials: { accessKeyId: "A", secretAccessKey: "S" } })
  transport.parse("bedrock/us-west-2/us.stability.x")
  await transport.region()
  counts.push(aws())
  const call = { model: "m", modelId: "m", body: {} }
  await transport.invoke({ ...call, signal: AbortSignal.abort() }).catch(() => {})
  await transport.invoke(call).catch((error) => counts.push(error.code))
  counts.push(aws() > 0)
  console.log(JSON.stringify(counts))
`

it("loads nothing of AWS before the first call", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@pictor/source",
    "--input-type=module",
    "--eval",
    program,
  ])
  expect(JSON.parse(stdout)).toEqual([0, 0, "unavailable", true])
})
