import { defaultSize, providerNames, providers } from "./providers.ts"

const keys = providerNames
  .flatMap((name) => {
    const { key, title } = providers[name]
    return key ? `  ${key.variable.padEnd(16)} ${title} (--provider ${name})\n` : []
  })
  .join("")

/** What `--help` prints. */
export const helpText = `Draws one request with image models of four providers, side by side.

Usage: pnpm start [options] [words of the prompt…]

Without --live everything happens on this machine: the real client, adapters and transports
call an emulator of each provider inside this process. Nothing leaves it and nothing is
charged, whatever keys, credentials or settings are present.

  --provider NAME  only models of ${providerNames.join(", ")}; may be given several times
  --model ID       only this model, of any provider; may be given several times
  --live           order the pictures at the provider of --provider or --model (bedrock);
                   states what they cost at most, and asks above $0.50. Without --model
                   only the active models, each in a region of its card
  -y, --yes        with --live: do not ask; needed where there is no terminal
  --dry-run        show what would be sent and what it would cost, then stop
  --region R       the region to call, instead of the one of the model's card
  --n COUNT        pictures per model (1)
  --size WxH       such as 1024x768 (${defaultSize}, with --strict auto); a model without it
                   takes the nearest one, auto is each model's own
  --seed NUMBER    the same for every model; drawn where absent
  --quality WORD   such as standard or premium
  --strict         reject what would have to be changed, instead of changing it
  --tour edits     instead: generate, inpaint, outpaint, remove the background, upscale and
                   recolor one picture on the emulator; before, mask and after side by side
  --out DIR        where pictures and contact-sheet.html go (out); files of the same name
                   are replaced, others are left alone
  -h, --help       this text

Examples:
  pnpm start
  pnpm start --size 1000x1000 --seed 7 a red bicycle in the rain
  pnpm start --provider openai --provider flux
  pnpm start --tour edits
  pnpm start --live --provider gemini --dry-run
  pnpm start --live --provider openai --size auto
  pnpm start --live --model stability.stable-image-core-v1:1 --region us-west-2

Keys of --live, from the environment; Bedrock takes the credentials of the AWS SDK:
${keys}
Exit codes:
    0  every picture was delivered (or the dry run has been shown)
    1  a picture failed, was filtered or could not be saved
    2  wrong usage
    3  no key or no credentials, or the provider rejects them
    4  --live was declined, or could not ask (no terminal, no --yes)
  130  interrupted
`
