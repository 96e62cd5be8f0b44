/** Every clause by its stable id, with what it requires of an adapter. */
export const sentences = {
  "card-ids": "every id, alias and profile belongs to one model",
  "card-tasks": "every task of every model has an example request",
  "card-sources": "every fact names a source with an address and a date",
  "card-lifecycle": "lifecycle dates are in order, and a successor is another model",
  "card-prices": "every setting of a model with prices has a known one, in whole micro-USD",
  "card-places": "no two values share a path of the body",
  "body-json": "the body equals its own JSON",
  "body-pure": "the same draft gives the same body, and encode does not change the draft",
  "body-places": "every planned value is in the body at the card's path",
  "body-planned":
    "count, size, quality and steps of the body are the planned ones, for every option",
  "body-options": "every option is in the body at its path",
  "input-places": "every input is in the body at the card's path",
  "input-missing": "a request without a required input is rejected",
  "input-foreign": "an input that the task does not take is unsupported and never dropped",
  "input-limits": "an image outside its limits is rejected with the limit, before anything is sent",
  "mask-polarity":
    "white is the area to change in a request's mask, and the body has the card's polarity; a mask in options is sent unchanged",
  "strength-direction":
    "strengths run in the card's direction, without rounding and without a reported change",
  "plan-json": "neither a plan's JSON nor its changes and warnings contain an image",
  "call-as-planned": "the transport gets exactly the planned calls",
  "range-limits": "every value that the card allows is used unchanged, including both ends",
  "range-beyond": "a number outside its range is clamped and reported, and rejected under strict",
  "range-sizes":
    "legal sizes are used unchanged; others are snapped and reported, and rejected under strict",
  "range-texts": "the longest text is sent whole; one more character is rejected",
  "change-none": "a request in the model's own values changes nothing",
  "change-reported":
    "every setting that is not used as requested is reported, and rejected under strict",
  "change-silent": "no setting is accepted and then left out of the body",
  "split-calls": "a count above the limit is split into full calls",
  "split-images": "the images of split calls are in the order of their slots",
  "seed-limits":
    "seeds of the whole range are accepted, others rejected, and drawn seeds stay in the narrow range",
  "seed-sent": "every call has its planned seed",
  "seed-zero": "a seed of 0 is sent as 0",
  "seed-split": "no two calls of one request have the same seed",
  "seed-replay": "a recipe with its input images sends the same body and gives the same image",
  "image-bytes": "a delivered image has bytes of a known format and the right hash",
  "image-size": "a delivered image has the planned size",
  "image-format": "a delivered image has the requested format",
  "filtered-all": "a filtered image is never among the images",
  "filtered-partial": "a partly filtered reply delivers the other images",
  "error-codes": "a provider's error keeps its code, and only a retryable one is retried",
  "error-unreadable": "an unreadable reply is an invalid response, maybe billed, and not retried",
  "error-malformed": "a reply without images is an error, never an image",
  "error-secrets": "no error contains a prompt or a secret",
  "error-images": "no error contains an image",
  "decode-total": "decode gives an outcome for every slot of any reply",
  "decode-pure": "the same reply gives the same outcomes, and decode does not change the reply",
  "cost-delivered":
    "the cost of a fully delivered plan is its estimate, or at most its upper bound",
  "cost-undelivered":
    "the cost is the sum of the slots' costs, and no slot costs more than its image",
  "abort-before": "a request that is aborted before it starts sends nothing",
  "abort-during": "an abort reaches the provider, and the error has the delivered images",
  "lift-views": "decode reads texts and views on the reply alike",
  "lift-escapes": "JSON escapes in a reply change no image",
  "lift-space": "white space in a reply changes no image",
  "lift-forms": "data URLs and base64 without padding give the same images",
  "lift-chunks": "a reply in chunks gives the same images wherever it is cut",
} as const

export type ClauseId = keyof typeof sentences
