export { giveBack } from "./give-back.ts"
export type {
  BedrockCredentials,
  BedrockOptions,
  Guardrail,
  IdentityOptions,
  WebIdentity,
} from "./options.ts"
export { type ProfileOptions, type ResolvedProfile, resolveProfile } from "./profile.ts"
export { bedrock } from "./transport.ts"
