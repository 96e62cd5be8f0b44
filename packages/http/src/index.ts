export { giveBack } from "./client.ts"
export type { HttpOptions } from "./options.ts"
export { http } from "./transport.ts"
