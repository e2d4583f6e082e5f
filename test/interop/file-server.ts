// A log's read side as operators serve it: static files over HTTP [static-ct-api]. Invariant: only regular files below the folder
// are answered; while it is cut off nothing listens on its port.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join, normalize } from 'node:path'

export interface FileServer {
  readonly url: string
  cut(): Promise<void>
  mend(): Promise<void>
}

export async function serveFiles(folder: string): Promise<FileServer> {
  let server = await listen(folder, 0)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const { port } = address
  return {
    url: `http://127.0.0.1:${port}`,
    async cut() {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
    async mend() {
      if (!server.listening) server = await listen(folder, port)
    },
  }
}

async function listen(folder: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://x').pathname)
    readFile(join(folder, path)).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    )
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}
