import type { Task } from "./task.ts"

/** A worker loads the modules of its own task only. */
export const tasks: Readonly<Record<string, (url: string) => Promise<Task>>> = {
  lift: async () => (await import("./tasks/lift.ts")).openLift(),
  "lift-bytes": async () => (await import("./tasks/lift-bytes.ts")).openLiftBytes(),
  parse: async () => (await import("./tasks/parse.ts")).openParse(),
  pictor: async (url) => (await import("./tasks/pictor.ts")).openPictor(url),
  "pictor-bytes": async (url) => (await import("./tasks/pictor.ts")).openPictorBytes(url),
  "pictor-http": async (url) => (await import("./tasks/pictor-http.ts")).openPictorHttp(url),
  "pictor-file": async (url) => (await import("./tasks/pictor-http.ts")).openPictorFile(url),
  download: async (url) => (await import("./tasks/download.ts")).openDownload(url),
  "aws-sdk": async (url) => (await import("./tasks/aws-sdk.ts")).openAwsSdk(url),
  "ai-sdk": async (url) => (await import("./tasks/ai-sdk.ts")).openAiSdk(url),
  plan: async (url) => (await import("./tasks/plan.ts")).openPlan(url),
  emulator: async () => (await import("./tasks/emulator.ts")).openEmulator(),
}
