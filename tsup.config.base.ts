import { defineConfig, type Options } from "tsup"

/**
 * The one build of every library: a single ES module with its source map, not minified, so that
 * stacks stay readable. `tsc` writes the declarations.
 */
export const library = (options: Options = {}): ReturnType<typeof defineConfig> =>
  defineConfig({
    entry: ["src/index.ts"],
    format: ["esm"],
    target: "node22",
    dts: false,
    sourcemap: true,
    clean: true,
    ...options,
  })
