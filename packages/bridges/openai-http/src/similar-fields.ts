import { nearest } from "@pictor/core/host"
import { pictorFields } from "./parameters.ts"

/** Names of other APIs and libraries, without case and separators → the name here. */
const meanings: ReadonlyMap<string, string> = new Map(
  Object.entries({
    size: ["width", "height", "resolution", "imagesize", "dimensions"],
    n: ["numimages", "numberofimages", "numoutputs", "samplecount", "samples", "batchsize"],
    prompt: ["text", "inputtext", "description", "textprompts"],
    negative_prompt: ["negativetext", "negative"],
    seed: ["randomseed", "noiseseed"],
    cfg_scale: ["guidance", "guidancescale", "cfg"],
    steps: ["numinferencesteps", "inferencesteps", "samplingsteps"],
    aspect_ratio: ["ratio"],
    output_format: ["format", "imageformat", "outputmimetype", "mimetype"],
    strength: ["imagestrength", "denoisingstrength", "promptstrength", "similaritystrength"],
    image: ["initimage", "inputimage", "sourceimage", "imageurl", "conditionimage"],
    mask: ["maskimage", "maskurl", "masksource"],
    model: ["modelid", "modelname", "engine"],
  }).flatMap(([name, others]) => others.map((other) => [other, name] as const)),
)

const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, "")

/** What a client probably means by an unknown field: by meaning, by spelling, then by letters. */
export const adviceFor = (name: string, names: readonly string[]): string => {
  const meaning = meanings.get(plain(name))
  if (meaning !== undefined && names.includes(meaning)) return `Use ${meaning}.`
  const spelled = names.find((each) => plain(each) === plain(name))
  if (spelled !== undefined) return `Use ${spelled}.`
  const inPictor = pictorFields.find((each) => plain(each) === plain(name))
  if (inPictor !== undefined)
    return `Send it in pictor: pictor.${inPictor} in JSON, pictor[${inPictor}] in a form.`
  return `Similar fields: ${nearest(name, names).join(", ")}.`
}
