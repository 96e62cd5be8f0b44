export { createPictorMcp } from "./server.ts"
export type { PictorMcpOptions } from "./types.ts"
