/** Builds the dashboard in the pseudo-language, for the tour that looks for cut text and for words of no text file (D-087). */
import { defineConfig, mergeConfig, type Plugin } from 'vite'
import dashboard from './vite.config.ts'
import customersPage from './vite.key.config.ts'

const textFile = /\/src\/text\/(?!pseudo)[a-z-]+\.ts$/
/** Exports of text files that are no words: the order of things, and what tells them apart. */
const notWords = ['sections', 'sectionKeys', 'sectionOf', 'isKeyState', 'rangeSeconds']

/** Hands each text file's words through another language, which is how a second one would come in: as one more file. */
const language: Plugin = {
  name: 'pseudo-language',
  enforce: 'pre',
  transform(code, id) {
    if (!textFile.test(id)) return undefined
    const names: string[] = []
    const plain = code.replaceAll(/^export const (\w+)(:.*?)? = /gm, (declared, name: string, type = '') => {
      if (notWords.includes(name)) return declared
      names.push(name)
      return `const plain_${name}${type} = `
    })
    const spoken = names.map((name) => `export const ${name}: typeof plain_${name} = pseudo(plain_${name})`)
    return [`import { pseudo } from './pseudo'`, plain, ...spoken].join('\n')
  },
}

/** `--mode key` builds the customer's page instead. */
export default defineConfig(({ mode }) =>
  mergeConfig(mode === 'key' ? customersPage : dashboard, { plugins: [language], build: { minify: false } }),
)
