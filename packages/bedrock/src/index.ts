export { type ProfileOptions, type ResolvedProfile, resolveProfile } from "./inference-profile.ts"
export type {
  BedrockCredentials,
  BedrockOptions,
  Guardrail,
  IdentityOptions,
  WebIdentity,
} from "./options.ts"
export { giveBack } from "./reply-buffers.ts"
export { bedrock } from "./transport.ts"
