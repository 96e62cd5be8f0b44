import type { Task } from "@pictor/core"

/** A command that makes pictures. */
export interface TaskCommand {
  readonly name: string
  readonly summary: string
  /** The arguments after the command. */
  readonly example: string
  readonly task: Task
  /** The task where one of these fields is given. */
  readonly otherwise?: { readonly task: Task; readonly fields: readonly string[] }
  /** Fields that are arguments: files first; a prompt takes the rest. */
  readonly positionals: readonly string[]
}

/** One command per task. A field of a task needs no line here. */
export const taskCommands: readonly TaskCommand[] = [
  {
    name: "generate",
    summary: "Draw pictures from words",
    example: '"a tea plantation" --size 1280x720 -n 4',
    task: "text-to-image",
    positionals: ["prompt"],
  },
  {
    name: "edit",
    summary: "Change a picture as words say, in the area of a mask if one is given",
    example: 'photo.png "make it snow" --mask sky.png',
    task: "image-to-image",
    otherwise: { task: "inpaint", fields: ["mask", "maskPrompt"] },
    positionals: ["image", "prompt"],
  },
  {
    name: "vary",
    summary: "Draw variations of a picture",
    example: 'photo.png "the same in autumn" --strength 0.6',
    task: "image-to-image",
    positionals: ["image", "prompt"],
  },
  {
    name: "inpaint",
    summary: "Draw in the white area of a mask",
    example: 'photo.png "a red boat" --mask mask.png',
    task: "inpaint",
    positionals: ["image", "prompt"],
  },
  {
    name: "outpaint",
    summary: "Draw beyond the edges of a picture",
    example: 'photo.png "more sky" --margins-up 256',
    task: "outpaint",
    positionals: ["image", "prompt"],
  },
  {
    name: "erase",
    summary: "Remove what a mask covers",
    example: "photo.png --mask mask.png",
    task: "erase",
    positionals: ["image"],
  },
  {
    name: "replace",
    summary: "Replace what words name",
    example: 'photo.png "a red boat" --mask-prompt "the canoe"',
    task: "replace",
    positionals: ["image", "prompt"],
  },
  {
    name: "recolor",
    summary: "Give what words name another colour",
    example: 'photo.png "a blue dress" --mask-prompt "the dress"',
    task: "recolor",
    positionals: ["image", "prompt"],
  },
  {
    name: "remove-background",
    summary: "Cut the subject out",
    example: "photo.png",
    task: "remove-background",
    positionals: ["image"],
  },
  {
    name: "upscale",
    summary: "Enlarge a picture",
    example: "photo.png --upscale fast",
    task: "upscale",
    positionals: ["image", "prompt"],
  },
  {
    name: "try-on",
    summary: "Put a garment on a person",
    example: "person.png shirt.png",
    task: "virtual-try-on",
    positionals: ["image", "referenceImage", "prompt"],
  },
  {
    name: "control",
    summary: "Draw along a sketch or a structure",
    example: 'sketch.png "a castle" --control sketch',
    task: "control",
    positionals: ["image", "prompt"],
  },
  {
    name: "style-guide",
    summary: "Draw in the style of a picture",
    example: 'style.png "a castle"',
    task: "style-guide",
    positionals: ["styleImage", "prompt"],
  },
  {
    name: "style-transfer",
    summary: "Give a picture the style of another",
    example: "photo.png style.png",
    task: "style-transfer",
    positionals: ["image", "styleImage", "prompt"],
  },
  {
    name: "color-guided",
    summary: "Draw in given colours",
    example: '"a castle" --colors "#FF8800" --model amazon.nova-canvas-v1:0',
    task: "color-guided",
    positionals: ["prompt"],
  },
]
