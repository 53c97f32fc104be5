/** The reference of every ratio: `Bun.serve`, `fetch`, answer; nothing is looked at (performance 1). */
const upstream = process.argv[2] ?? ''

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  idleTimeout: 0,
  async fetch(request) {
    const answer = await fetch(`${upstream}${new URL(request.url).pathname}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: await request.arrayBuffer(),
    })
    return new Response(answer.body, {
      status: answer.status,
      headers: { 'content-type': answer.headers.get('content-type') ?? 'application/json' },
    })
  },
})
export const url = `http://127.0.0.1:${server.port}`
process.stdout.write(`ready ${url}\n`)
