export { giveBack } from "@pictor/http/client"
export { type ProfileOptions, type ResolvedProfile, resolveProfile } from "./inference-profile.ts"
export type {
  BedrockCredentials,
  BedrockOptions,
  Guardrail,
  IdentityOptions,
  WebIdentity,
} from "./options.ts"
export { bedrock } from "./transport.ts"
