// A process that starts a private network and is killed in the midst of it; its parent is `killed.test.ts`. Invariant: it never ends by itself.
import { startTorNetwork } from './network.ts'

await startTorNetwork({ clients: 1, readyMs: 600_000, progress: (line) => console.log(line) })
await new Promise(() => setInterval(() => {}, 60_000))
