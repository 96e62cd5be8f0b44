const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

/** Text that is safe between tags and inside quotes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? "")

/** Markup made by {@link html}. */
export interface Markup {
  readonly markup: string
}

type Part = Markup | string | number | readonly Markup[]

const write = (part: Part): string => {
  if (typeof part === "string" || typeof part === "number") return escapeHtml(String(part))
  return "markup" in part ? part.markup : part.map(({ markup }) => markup).join("")
}

/** Makes markup. Every value is escaped unless it is markup itself. */
export const html = (texts: TemplateStringsArray, ...values: readonly Part[]): Markup => ({
  markup: texts
    .map((text, index) => text + (index < values.length ? write(values[index] ?? "") : ""))
    .join(""),
})

export const nothing: Markup = { markup: "" }
