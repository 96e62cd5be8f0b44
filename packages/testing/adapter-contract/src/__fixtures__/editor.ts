import type { ModelCard } from "@pictor/core"
import type { AdapterContract } from "../contract.ts"
import { drawMask } from "../image-ops.ts"
import { drawPng } from "../png.ts"
import { contract, type Mini, mini } from "./mini.ts"

const source = "here"
const words = { kind: "text", min: 1, max: 400, source } as const
const limits = {
  types: ["image/png", "image/jpeg"],
  side: [32, 256],
  pixels: [1024, 65_536],
  opaque: true,
} as const
const picture = { kind: "image", limits, source } as const
const image = { ...picture, path: "edit.image", required: true } as const
const prompt = { ...words, path: "words.text" } as const
const seed = {
  kind: "seed",
  path: "seed",
  min: 0,
  max: 1_000_000,
  zero: "literal",
  source,
} as const
const side = { kind: "range", min: 0, max: 100, integer: true, source } as const
const mask = { kind: "mask", path: "edit.mask", sameSize: true, limits, source } as const

/** Edits, with every kind of input. */
const editor = {
  id: "mini-editor",
  sources: { here: { url: "https://example.com/mini", seen: "2026-11-20" } },
  regions: ["here-1"],
  lifecycle: { status: "active", source },
  prices: [{ microUsd: 4000, source }],
  tasks: {
    inpaint: {
      constants: { mode: "inpaint" },
      output: "input",
      oneOf: [["mask", "maskPrompt"]],
      fields: {
        image,
        mask: { ...mask, change: "black" },
        maskPrompt: { ...words, path: "edit.find" },
        referenceImage: { ...picture, path: "edit.reference" },
        prompt,
        seed,
      },
      options: { "edit.soft": { kind: "flag", source } },
    },
    outpaint: {
      constants: { mode: "outpaint" },
      output: "input",
      oneOf: [["mask", "margins"]],
      fields: {
        image,
        mask: { ...mask, change: "white" },
        margins: {
          kind: "object",
          fields: { left: side, right: side, up: side, down: side },
          source,
        },
        prompt,
        seed,
      },
    },
    "image-to-image": {
      constants: { mode: "vary" },
      fields: {
        images: { kind: "images", path: "edit.images", max: 3, required: true, limits, source },
        strength: {
          kind: "range",
          path: "edit.likeness",
          min: 0.2,
          max: 1,
          default: 0.7,
          inverted: true,
          source,
        },
        prompt,
        seed,
      },
    },
    "color-guided": {
      constants: { mode: "color" },
      fields: {
        colors: { kind: "colors", path: "edit.colors", max: 3, required: true, source },
        prompt: { ...prompt, required: true },
        seed,
      },
    },
    control: {
      constants: { mode: "control" },
      fields: {
        image,
        control: {
          kind: "enum",
          path: "edit.by",
          values: ["CANNY_EDGE", "SKETCH"],
          synonyms: { canny: "CANNY_EDGE" },
          required: true,
          source,
        },
        controlStrength: {
          kind: "range",
          path: "edit.force",
          min: 0,
          max: 1,
          default: 0.7,
          source,
        },
        prompt,
        seed,
      },
    },
    "virtual-try-on": {
      constants: { mode: "try" },
      output: "input",
      oneOf: [["maskPrompt", "garment.class"]],
      fields: {
        image,
        referenceImage: { ...picture, path: "edit.reference", required: true },
        maskPrompt: { ...words, path: "edit.byWords.find", implies: { "edit.by": "WORDS" } },
        garment: {
          kind: "object",
          source,
          fields: {
            class: {
              kind: "enum",
              path: "edit.byClass.class",
              values: ["UPPER_BODY", "SHOES"],
              implies: { "edit.by": "CLASS" },
              source,
            },
            shape: {
              kind: "enum",
              pathBeside: {
                maskPrompt: "edit.byWords.shape",
                "garment.class": "edit.byClass.shape",
              },
              values: ["BOX"],
              source,
            },
            "preserve.pose": {
              kind: "enum",
              path: "edit.keep.pose",
              values: ["ON", "OFF"],
              source,
            },
          },
        },
        seed,
      },
    },
    "style-transfer": {
      fields: { image, styleImage: { ...picture, path: "edit.style", required: true }, seed },
    },
    upscale: {
      fields: { image, upscale: { kind: "enum", values: ["fast"], default: "fast", source } },
    },
  },
} as const satisfies ModelCard

const house = drawPng({ width: 64, height: 64, name: "a house" })
const mill = drawPng({ width: 64, height: 64, name: "a mill", isWhite: (x, y) => x > y })

const requests = {
  inpaint: { image: house, mask: drawMask(64, 64), prompt: "a lighthouse" },
  outpaint: { image: house, mask: drawMask(64, 64), prompt: "a lighthouse" },
  "image-to-image": { images: [house, mill], prompt: "a lighthouse", strength: 0.4 },
  "color-guided": { colors: ["#102030"], prompt: "a lighthouse" },
  control: { image: house, control: "canny", prompt: "a lighthouse" },
  "virtual-try-on": [
    { image: house, referenceImage: mill, garment: { class: "upper-body", shape: "box" } },
    { image: house, referenceImage: mill, maskPrompt: "the coat" },
  ],
  "style-transfer": { image: house, styleImage: mill },
  upscale: { image: house, upscale: "fast" },
} as const satisfies AdapterContract["requests"]

/** The adapter's factory, with parts of it replaced. */
export const editing = (parts: Mini = {}): AdapterContract["create"] =>
  mini({ models: [editor], ...parts })

export const editingContract: AdapterContract = { ...contract, create: editing(), requests }
