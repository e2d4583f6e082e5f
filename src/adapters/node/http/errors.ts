// Why a listener refuses a request before or instead of its endpoint: a closed set, beside the kernel's `sfoErrors`.
// Invariant: a refusal's body is `{"error":"<code>"}` and nothing else: no stack, no path, no byte of what was sent.

/** Code: HTTP status. */
export const httpErrors = {
  badRequest: 400,
  badHops: 400,
  badAddress: 400,
  notFound: 404,
  methodNotAllowed: 405,
  timeout: 408,
  bodyTooLarge: 413,
  unsupportedMediaType: 415,
  unsupportedEncoding: 415,
  expectationFailed: 417,
  rateLimited: 429,
  tooManyCircuits: 429,
  headersTooLarge: 431,
  internal: 500,
  noLiveConsensus: 503,
  stopping: 503,
} as const

export type HttpError = keyof typeof httpErrors

export function errorBody(code: string): string {
  return JSON.stringify({ error: code })
}
