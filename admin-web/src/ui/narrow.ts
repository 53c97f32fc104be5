/** Whether the page is narrow: cards for rows, full-screen drawers (dashboard 2, Breakpoints). */
import { createSignal } from 'solid-js'

const media = window.matchMedia('(max-width: 767px)')
const [isNarrow, setNarrow] = createSignal(media.matches)
media.addEventListener('change', (event) => setNarrow(event.matches))

export { isNarrow }
