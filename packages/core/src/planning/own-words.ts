/** What a request with `options` needs, loaded with the first one: they are read into neutral words, and checked against what is given. */
export { absorb } from "./absorb.ts"
export { checkSayings, overruled } from "./says.ts"
