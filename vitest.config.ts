import { defineConfig } from "vitest/config"

const conditions = ["@pictor/source"]

/**
 * `PICTOR_SCALE=full` runs every count in full (`pnpm soak`); otherwise a test runs a twentieth,
 * and at least five.
 */
const timeoutMs = process.env["PICTOR_SCALE"] === "full" ? 1_800_000 : 30_000

/** These tests share a process, which takes half the time. */
const pure = ["packages/core/**/*.test.ts", "packages/bridges/**/*.test.ts"]
const never = ["**/node_modules/**", "**/dist/**", "**/.*/**"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // By default Vitest leaves one of two cores idle.
    maxWorkers: 2,
    // A test fails if it connects to another machine.
    setupFiles: ["./scripts/loopback-only.ts"],
    restoreMocks: true,
    unstubEnvs: true,
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    projects: [
      {
        extends: true,
        test: { name: "pure", include: pure, exclude: never, isolate: false },
      },
      {
        extends: true,
        test: {
          name: "others",
          include: ["{packages,apps,bench,scripts}/**/*.test.ts"],
          exclude: [...never, ...pure],
        },
      },
    ],
  },
})
