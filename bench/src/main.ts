import type { Context } from "./benchmark.ts"
import { benchmarks } from "./benchmarks.ts"
import { answerOf, start } from "./child.ts"
import { runCommand } from "./command.ts"
import { drawPicture } from "./picture.ts"

await runCommand<Context>({
  name: "pnpm bench",
  names: benchmarks.map(({ name }) => name),
  environment: "",
  open: async () => {
    const upstream = start(import.meta.resolve("./upstream.ts"))
    const url = `http://127.0.0.1:${await answerOf(upstream)}`
    const close = async (): Promise<void> => void upstream.kill()
    return { world: { url, picture: drawPicture() }, benchmarks, close }
  },
})
