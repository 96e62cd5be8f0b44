/** What `--help` prints. */
export const helpText = `OpenAI's Images API in front of every image model of Amazon Bedrock, configured as LiteLLM's proxy is.

Usage: pnpm gateway [options]

  -c, --config FILE   a config.yaml of LiteLLM's proxy. Without it every model is there and
                      draws on an emulator inside this process: nothing is sent anywhere
      --check         say what the file amounts to, deployments and warnings, and end
  -p, --port NUMBER   where to listen (4000); 0 takes any that is free
      --host NAME     the address to listen on (127.0.0.1); any but this machine's own needs
                      general_settings.master_key
  -h, --help          this text

Example:
  pnpm gateway --config config.yaml --check
  pnpm gateway --config config.yaml
  curl http://127.0.0.1:4000/v1/images/generations -H 'Content-Type: application/json' \\
    -d '{ "model": "amazon.nova-canvas-v1:0", "prompt": "A cute baby sea otter" }'

Exit codes:
  0  ended as it was told to, or --check found nothing wrong
  1  could not start, or failed
  2  wrong usage, or the configuration cannot be used
`
