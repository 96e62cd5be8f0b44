/** What a request without input images that its model takes as it is does without: one file, loaded with the first request that needs any of it. */
export { fit } from "./planning/fitting.ts"
export { unknownPrice } from "./planning/rates.ts"
export { teller } from "./sending/arrivals.ts"
export { book } from "./sending/booking.ts"
export { createOnce } from "./sending/once.ts"
export { imageOf, planAgain } from "./sending/replay.ts"
export { throughCallRing, throughPlanRing, throughRequestRing } from "./sending/rings.ts"
