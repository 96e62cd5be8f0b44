/** Runs of a property test: a twentieth unless `PICTOR_SCALE=full`. */
export const runs = (full: number): number =>
  process.env["PICTOR_SCALE"] === "full" ? full : Math.max(5, Math.ceil(full / 20))
