import { defineConfig } from "vitest/config"

const conditions = ["@pictor/source"]

/** `PICTOR_SCALE=full` runs every count in full (`pnpm soak`); otherwise a test runs a twentieth, and at least five. */
const timeoutMs = process.env["PICTOR_SCALE"] === "full" ? 1_800_000 : 30_000

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["{packages,apps,bench,scripts}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/.*/**"],
    // By default Vitest leaves one of two cores idle.
    maxWorkers: 2,
    restoreMocks: true,
    unstubEnvs: true,
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
  },
})
