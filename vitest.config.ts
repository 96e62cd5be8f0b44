import { defineConfig } from "vitest/config"

const conditions = ["@pictor/source"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["{packages,apps,bench,scripts}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    restoreMocks: true,
    unstubEnvs: true,
  },
})
