/** The newest lines of the process log, and the trace of one request (remote-admin 9.6). */
import { json } from '../answers'
import type { PathRoute } from './path-route'
import { snake } from './words'

const recent: PathRoute = {
  method: 'GET',
  path: '/logs/recent',
  commands: ['logs.tail'],
  summary: 'The newest lines, oldest first; `after` of an answer asks for what came since.',
  async run({ ask, query }) {
    const asked = ['after', 'level', 'text'].flatMap((name) => {
      const value = query.get(name)
      return value === null ? [] : [[name, value]]
    })
    const result = await ask('logs.tail', Object.fromEntries(asked))
    return result instanceof Response ? result : json(snake(result))
  },
}

const trace: PathRoute = {
  method: 'GET',
  path: '/logs/{request_id}',
  commands: ['requests.get'],
  summary: 'How one request went.',
  async run({ ask, rest }) {
    const result = await ask('requests.get', { requestId: rest })
    return result instanceof Response ? result : json(snake(result))
  },
}

export const logPaths: readonly PathRoute[] = [recent, trace]
