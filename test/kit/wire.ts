/** A wire to the node that can be cut, or go dead: then bytes stop on both ways and nothing says so. */
import { createConnection, createServer, type Socket } from 'node:net'

export type Wire = {
  /** The node's address by this wire. */
  readonly url: string
  readonly goDead: () => void
  /** Open connections break, and new ones do not last. */
  readonly cut: () => void
  readonly comeBack: () => void
  readonly stop: () => void
}

export async function startWire(nodeUrl: string): Promise<Wire> {
  const port = Number(new URL(nodeUrl).port)
  const sockets = new Set<Socket>()
  let state: 'good' | 'dead' | 'cut' = 'good'

  const server = createServer((near) => {
    if (state === 'cut') return void near.destroy()
    const far = createConnection({ host: '127.0.0.1', port })
    join(near, far)
    join(far, near)
  })
  function join(from: Socket, to: Socket): void {
    sockets.add(from)
    from.on('data', (bytes) => {
      if (state === 'good') to.write(bytes)
    })
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
  }
  const breakAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  const { promise: listening, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await listening
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a wire without a port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    goDead() {
      state = 'dead'
    },
    cut() {
      state = 'cut'
      breakAll()
    },
    comeBack() {
      state = 'good'
      // What was lost on the way is lost: those connections are of no use any more.
      breakAll()
    },
    stop() {
      server.close()
      breakAll()
    },
  }
}
