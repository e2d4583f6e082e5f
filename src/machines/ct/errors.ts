// The closed set of reasons for which the CT kernel refuses bytes. Machines, HTTP and vectors use these codes as they are.
// Invariant: a code is never renamed or reused; the sentence beside it is for people and may change.

/** Why a submitted SFO is no valid SFO, in the order in which they are looked for [AUD-005]. */
export const sfoErrors = {
  notJson: 'the body is not JSON in UTF-8',
  notSfoList: 'the body is not an array of SFO objects within the limit',
  sctVersion: 'sct_data_v2 is not supported: exactly one RFC 6962 SCT is wanted',
  sctCount: 'exactly one SCT is wanted',
  badBase64: 'not canonical base64',
  badSctList: 'not a SignedCertificateTimestampList: truncated, empty or with trailing bytes',
  badSct: 'not a version 1 SCT: truncated, unknown version or algorithm, or with trailing bytes',
  numberTooLarge: 'a 64-bit number above 2^53-1',
  chainLength: '1 to 10 certificates are wanted',
  badPem: 'not exactly one strict PEM certificate',
  oversize: 'the certificates exceed 20 KiB of DER',
  badDer: 'not strict DER: indefinite or non-minimal length, truncated or with trailing bytes',
  badCertificate: 'not an X.509 certificate',
  duplicateExtension: 'an extension occurs twice',
  noIssuer: 'a precertificate entry needs the issuer certificate',
  unknownLog: 'the SCT names a log that the consensus does not list',
  badSctSignature: "the log's signature on the SCT does not verify",
  badChainSignature: 'a certificate is not signed by the next one',
  futureSct: 'the SCT is more than 5 minutes ahead',
} as const

export type SfoError = keyof typeof sfoErrors

/** The six classes in which an auditor counts them [AUD-005]. */
export type SfoErrorClass = 'malformed' | 'unknownLog' | 'badSct' | 'badChain' | 'oversize' | 'futureSct'

export function sfoErrorClass(error: SfoError): SfoErrorClass {
  switch (error) {
    case 'unknownLog':
    case 'oversize':
    case 'futureSct':
      return error
    case 'badSctSignature':
      return 'badSct'
    case 'badChainSignature':
    case 'noIssuer':
      return 'badChain'
    default:
      return 'malformed'
  }
}
