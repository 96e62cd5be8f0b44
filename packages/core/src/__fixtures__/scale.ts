/** How often a property is tried: all of it where `PICTOR_SCALE=full`, else a twentieth. */
export const runs = (full: number): number => {
  const { process } = globalThis as {
    readonly process?: { readonly env: Readonly<Record<string, string | undefined>> }
  }
  return process?.env["PICTOR_SCALE"] === "full" ? full : Math.max(5, Math.ceil(full / 20))
}
