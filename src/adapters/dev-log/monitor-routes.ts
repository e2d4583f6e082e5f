// Test equipment, not for operators: the read API of a static-ct development log [C2SP static-ct-api, "Monitoring APIs"].
// Invariant: each file has one path; any other spelling of it is not found.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { checkpointOrigin, encodeCheckpoint } from '../../machines/ct/checkpoint.ts'
import { type TileName, tilePath } from '../../machines/ct/tile-names.ts'
import type { Crypto } from '../../machines/ct/types.ts'
import type { CtLog } from './log.ts'
import { type Reply, refuse } from './submission.ts'

/** The monitoring prefix, below the submission prefix. */
export const monitorPath = '/monitor'

/** `url`: answers the submission prefix once the log listens. */
export function monitorRoutes(app: FastifyInstance, log: CtLog, crypto: Crypto, url: () => string): void {
  app.get(`${monitorPath}/checkpoint`, async (_request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .send(Buffer.from(encodeCheckpoint(crypto, checkpointOrigin(url()), log.handOutSth()))),
  )

  app.get(`${monitorPath}/tile/*`, async (request, reply) => {
    const path = request.url.slice(`${monitorPath}/`.length)
    const data = tileOf(path.replace(/^tile\/data\//, 'tile/0/'))
    if (path.startsWith('tile/data/')) return file(reply, data && log.dataTile(data))
    const tile = tileOf(path)
    return file(reply, tile && log.hashTile(tile))
  })

  app.get<{ Params: { fingerprint: string } }>(`${monitorPath}/issuer/:fingerprint`, async (request, reply) => {
    const issuer = log.issuer(request.params.fingerprint)
    return file(reply, issuer === undefined ? null : { ok: true, value: issuer }, 'application/pkix-cert')
  })
}

/** Null where the path is not the one that a tile has. */
function tileOf(path: string): TileName | null {
  const [, level, groups, width = '256'] =
    /^tile\/([0-5])\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) ?? []
  if (level === undefined || groups === undefined) return null
  const tile = { level: Number(level), index: Number(groups.replaceAll(/[x/]/g, '')), width: Number(width) }
  return tile.width >= 1 && tilePath(tile) === path ? tile : null
}

function file(reply: FastifyReply, given: Reply<Uint8Array> | null, type = 'application/octet-stream'): FastifyReply {
  const answer = given ?? refuse(404, 'no such file')
  if (answer.ok) return reply.type(type).send(Buffer.from(answer.value))
  return reply.code(answer.status).type('text/plain').send(`${answer.detail}\n`)
}
