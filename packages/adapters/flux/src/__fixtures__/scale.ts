/** Runs of a property test: all of them if `PICTOR_SCALE=full`. */
export const runs = (full: number, usual: number): number =>
  process.env["PICTOR_SCALE"] === "full" ? full : usual
