import { expectTypeOf } from "vitest"
import type * as adapter from "./adapter.ts"
import type * as host from "./host.ts"
import type * as application from "./index.ts"
import type * as ledger from "./ledger.ts"

// Each entry serves one kind of program. Applications and adapters share the error class only.
expectTypeOf<"createPictor" | "memoryLedger" | "formatUsd">().toExtend<keyof typeof application>()
expectTypeOf<"defineAdapter" | "decodeImageList" | "toBody">().toExtend<keyof typeof adapter>()
expectTypeOf<"runFallbacks">().toExtend<keyof typeof host>()
expectTypeOf<keyof typeof application & keyof typeof adapter>().toEqualTypeOf<
  "ImageError" | "isImageError"
>()
expectTypeOf<keyof typeof application & keyof typeof host>().toEqualTypeOf<never>()
expectTypeOf<keyof typeof application & keyof typeof ledger>().toEqualTypeOf<never>()
