import type { Image } from "@pictor/core"

type Protocol = "kitty" | "iterm2"

/** The protocol in which a terminal shows pictures, by what it says of itself. */
const previewProtocol = (environment: NodeJS.ProcessEnv): Protocol | undefined => {
  const { TERM: term = "", TERM_PROGRAM: program = "" } = environment
  // A multiplexer does not pass pictures on.
  if (environment["TMUX"] || /^(screen|tmux)/.test(term)) return undefined
  if (environment["KITTY_WINDOW_ID"] || term === "xterm-kitty" || /ghostty/i.test(program + term))
    return "kitty"
  return program === "iTerm.app" || program === "WezTerm" ? "iterm2" : undefined
}

/** Rows of the terminal that a preview takes. */
const rows = 16
const kittyChunk = 4096

const kitty = (base64: string): string => {
  const parts = base64.match(new RegExp(`.{1,${kittyChunk}}`, "g")) ?? []
  const controls = (index: number): string =>
    `${index === 0 ? `a=T,f=100,q=2,r=${rows},` : ""}m=${index === parts.length - 1 ? 0 : 1}`
  return `${parts.map((part, index) => `\u001B_G${controls(index)};${part}\u001B\\`).join("")}\n`
}

/** The bytes that show a picture, or nothing where the terminal cannot show it. */
export const previewOf = (image: Image, environment: NodeJS.ProcessEnv): string => {
  const protocol = previewProtocol(environment)
  if (protocol === "kitty") return image.mediaType === "image/png" ? kitty(image.base64()) : ""
  if (protocol === "iterm2")
    return `\u001B]1337;File=inline=1;height=${rows};preserveAspectRatio=1:${image.base64()}\u0007\n`
  return ""
}
