/** What a task with inputs, or an image's recipe, needs, loaded with the first one: images are read, checked and brought to what the card asks for. */

export { imageOf, planAgain } from "../sending/replay.ts"
export { checkBodySize } from "./body-size.ts"
export { withJson } from "./plan-json.ts"
export { prepare } from "./prepare.ts"
