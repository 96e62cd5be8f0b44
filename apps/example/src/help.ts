/** What `--help` prints. */
export const helpText = `Draws one prompt with eight image models and puts the pictures side by side.

Usage: pnpm start [options] [words of the prompt…]

Without --live everything happens on this machine: the real client, adapters and AWS SDK
transport call an emulator inside this process. Nothing leaves it and nothing is charged,
whatever AWS credentials or settings are present.

  --live           order the pictures on AWS; shows the estimate and asks before the first
                   call. Without --model only the active models, each in a region of its card
  -y, --yes        with --live: do not ask
  --dry-run        show what would be sent and what it would cost, then stop
  --model ID       only this model; may be given several times
  --region R       the AWS region to call, instead of the one of the model's card
  --n COUNT        pictures per model (1)
  --size WxH       such as 1024x768; a model without it takes the nearest one
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
  pnpm start --tour edits
  pnpm start --live --dry-run
  pnpm start --live --model stability.stable-image-core-v1:1 --region us-west-2

Exit codes:
    0  every picture was delivered (or the dry run has been shown)
    1  a picture failed, was filtered or could not be saved
    2  wrong usage
    3  no AWS credentials
    4  --live was declined, or could not ask (no terminal, no --yes)
  130  interrupted
`
