import { registerHooks } from "node:module"

/** Preloaded with `--import`: prints the URL of every loaded module file at exit, one per line. */
const loaded = new Set<string>()

registerHooks({
  load: (url, context, nextLoad) => {
    if (url.startsWith("file:")) loaded.add(url)
    return nextLoad(url, context)
  },
})

process.on("exit", () => process.stdout.write([...loaded].join("\n")))
