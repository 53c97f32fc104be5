/** Whether this machine can listen where HOST and PORT say; what is wrong names its variable (configuration 1, exit 2). */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { WrongConfiguration } from './env'

/** Looked up before anything is opened: the server itself cannot tell a name that is nobody's from a port in use. */
export async function checkHost(host: string): Promise<void> {
  if (isIP(host) !== 0) return
  await lookup(host).catch(() => {
    throw new WrongConfiguration(`HOST: ${JSON.stringify(host)} is no host that can be found`)
  })
}

/** Throws `WrongConfiguration` where `start` could not listen for a reason that the operator can mend. */
export function listening<Server>(
  { host, port }: { readonly host: string; readonly port: number },
  start: () => Server,
) {
  try {
    return start()
  } catch (error) {
    const { code } = error as { readonly code?: string }
    if (code === 'EADDRNOTAVAIL')
      throw new WrongConfiguration(`HOST: ${JSON.stringify(host)} is no address of this machine`)
    if (code === 'EADDRINUSE') throw new WrongConfiguration(`PORT: ${port} is in use by another program`)
    if (code === 'EACCES') throw new WrongConfiguration(`PORT: this user may not listen on ${port}`)
    throw error
  }
}
