/** Whether a request has a bearer token or a SigV4 signature. Neither is verified. */
export const isAuthorized = (authorization: string | undefined): boolean =>
  authorization !== undefined && /^(?:Bearer|AWS4-HMAC-SHA256)\s+\S/i.test(authorization)
