import type { Family } from "./families/family.ts"
import type { TaskSchemas } from "./schemas/parts.ts"

/** One model that the emulator serves. */
export type Model = {
  /** The base model id, then other ids of the same model. */
  readonly ids: readonly [string, ...string[]]
  /** The name in its pictures. */
  readonly label: string
  readonly family: Family
  readonly schemas: TaskSchemas
  /** Whether Converse serves it. */
  readonly converse?: true
  /** Whether InvokeModelWithResponseStream serves it. */
  readonly streaming: boolean
  /** Whether its own id can be invoked. Otherwise only an inference profile can. */
  readonly onDemand: boolean
  /** The prefixes of its inference profiles. */
  readonly geos: readonly string[]
}
