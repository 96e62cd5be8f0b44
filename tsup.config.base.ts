import { defineConfig, type Options } from "tsup"

/** The one build of every library: a single minified ES module with its map; `tsc` writes the declarations. */
export const library = (options: Options = {}): ReturnType<typeof defineConfig> =>
  defineConfig({
    entry: ["src/index.ts"],
    format: ["esm"],
    target: "node22",
    dts: false,
    sourcemap: true,
    minify: true,
    clean: true,
    ...options,
  })
