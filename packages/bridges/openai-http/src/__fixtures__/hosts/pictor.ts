import { studio } from "../studio.ts"

/** What a host's own `pictor.ts` exports. */
export const { pictor } = studio()
