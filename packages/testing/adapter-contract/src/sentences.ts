/** Every clause by its stable id, with what it asks of an adapter. */
export const sentences = {
  "card-ids": "every id, alias and profile means one model",
  "card-tasks": "every task of every model has an example request",
  "card-sources": "every fact names a source that has an address and a date",
  "card-lifecycle": "the dates of a life cycle are in order, and a successor is another model",
  "card-prices": "every setting has a known price in whole micro-USD",
  "card-places": "no two values share a place in the body",
  "body-json": "the body is JSON: it reads back as it is",
  "body-pure": "the same draft gives the same body, and is left as it was",
  "body-places": "what is planned stands in the body where the card says",
  "body-planned":
    "count, size, quality and steps of the body are the planned ones, whatever the options say",
  "body-options": "options reach the body in their places",
  "input-places": "every input stands in the body where the card says",
  "input-missing": "an input that the task needs is asked for",
  "input-foreign": "an input that the task lacks is unsupported, and never dropped",
  "input-limits": "an image beyond its limits is refused with the limit, before anything is sent",
  "mask-polarity":
    "white is what changes in a request's mask, and in the body what the card says; one in the body's own words stays as it is",
  "strength-direction": "strengths run as the card says, whole and unreported",
  "plan-json": "neither a plan as JSON nor what it reports has an image in it",
  "call-as-planned": "the transport gets exactly the planned calls",
  "range-limits": "every value that the card allows is taken as it is, both ends included",
  "range-beyond": "a number beyond its range is clamped and reported, and refused under strict",
  "range-sizes":
    "legal sizes are taken as they are, others snapped and reported, and refused under strict",
  "range-texts": "the longest text reaches the body whole; one character more is refused",
  "change-none": "a request in the model's own values changes nothing",
  "change-reported":
    "every setting that is used otherwise than asked is reported, and refused under strict",
  "change-silent": "no setting is taken and then left out of the body",
  "split-calls": "a count above the limit is split into full calls",
  "split-images": "the images of split calls come in the order of their slots",
  "seed-limits":
    "seeds of the whole range are taken, others refused, and drawn ones stay in the narrow range",
  "seed-sent": "every call carries its planned seed",
  "seed-zero": "a seed of 0 is sent as 0",
  "seed-split": "no two calls of one request have the same seed",
  "seed-replay":
    "a recipe and the input images that it names send the same body again and bring the same image",
  "image-bytes": "a delivered image has bytes of a known format and their right hash",
  "image-size": "a delivered image has the planned size",
  "image-format": "a delivered image has the ordered format",
  "filtered-all": "a filtered image is never among the images",
  "filtered-partial": "what a partly filtered reply delivers is kept, and the rest is filtered",
  "error-codes":
    "a provider's error comes through with its code, and is repeated only where that may help",
  "error-unreadable":
    "a reply that cannot be read is an invalid response, perhaps charged, and not repeated",
  "error-malformed": "a reply without images is an error, never an image",
  "error-secrets": "no error holds a prompt or a secret",
  "error-images": "no error holds an image",
  "decode-total": "whatever the reply, decode gives an outcome for every slot",
  "decode-pure": "the same reply gives the same outcomes, and is left as it was",
  "cost-delivered": "the charge for what was planned and delivered is the estimate",
  "cost-undelivered":
    "the cost is the sum of the slots' costs, none of which is above the price of its image",
  "abort-before": "a request aborted before it began sends nothing",
  "abort-during": "an abort reaches the provider, and the error has what was delivered",
  "lift-views": "images are read alike from texts and from views on the reply",
  "lift-escapes": "escapes in a reply change no image",
  "lift-space": "white space in a reply changes no image",
  "lift-forms": "images as data URLs or without padding are the same images",
  "lift-chunks": "a reply in pieces gives the same images wherever it is cut",
} as const

export type ClauseId = keyof typeof sentences
