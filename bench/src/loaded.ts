import { registerHooks } from "node:module"

/** Preloaded with `--import`: writes the URL of every module file that its process loads, by `import` or by `require`, one per line at the end. */
const loaded = new Set<string>()

registerHooks({
  load: (url, context, nextLoad) => {
    if (url.startsWith("file:")) loaded.add(url)
    return nextLoad(url, context)
  },
})

process.on("exit", () => process.stdout.write([...loaded].join("\n")))
