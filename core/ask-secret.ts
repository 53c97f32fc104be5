/** A secret from the terminal, not shown, or from stdin: on the command line every user of the machine would see it. */

const ctrlC = '\u0003'
const ends = ['\r', '\n', '\u0004', ctrlC]

/** The first line that is typed or piped in. Throws when Ctrl-C is pressed. */
export async function askSecret(prompt: string): Promise<string> {
  const { stdin, stdout } = process
  const isTerminal = stdin.isTTY === true
  if (isTerminal) {
    stdout.write(prompt)
    stdin.setRawMode(true)
  }
  let text = ''
  for await (const chunk of stdin) {
    text += String(chunk)
    if (ends.some((end) => text.includes(end))) break
  }
  if (isTerminal) {
    stdin.setRawMode(false)
    stdout.write('\n')
  }
  if (text.includes(ctrlC)) throw new Error('given up')
  const end = Math.min(...ends.map((one) => text.indexOf(one)).filter((at) => at !== -1), text.length)
  return text.slice(0, end)
}
