/** Shows the `title` of what is hovered, focused or held, at once and also for the keyboard: one layer for all. */

const gapPx = 6
const edgePx = 8

/** Starts listening; answers how to stop. The native bubble would come a second time, so the title steps aside. */
export function startTooltips(layerClass: string): () => void {
  let owner: HTMLElement | undefined
  let layer: HTMLElement | undefined

  function show(target: EventTarget | null): void {
    const found = target instanceof Element ? target.closest<HTMLElement>('[title]') : null
    if (found === null) {
      hideUnlessInside(target)
      return
    }
    const words = found.title
    if (words === '' || found === owner) return
    hide()
    owner = found
    layer = document.createElement('div')
    layer.className = layerClass
    layer.setAttribute('role', 'tooltip')
    layer.textContent = words
    found.dataset.title = words
    found.removeAttribute('title')
    // Over an open dialog only its own children are seen.
    ;(found.closest('dialog') ?? document.body).append(layer)
    place(layer, found.getBoundingClientRect())
  }

  function hideUnlessInside(target: EventTarget | null): void {
    if (owner !== undefined && target instanceof Node && owner.contains(target)) return
    hide()
  }

  function hide(): void {
    if (owner?.dataset.title !== undefined && !owner.hasAttribute('title')) owner.title = owner.dataset.title
    if (owner !== undefined) delete owner.dataset.title
    layer?.remove()
    owner = undefined
    layer = undefined
  }

  const over = (event: Event) => show(event.target)
  const key = (event: KeyboardEvent) => {
    if (event.key === 'Escape') hide()
  }
  document.addEventListener('pointerover', over)
  document.addEventListener('focusin', over)
  document.addEventListener('focusout', hide)
  document.addEventListener('scroll', hide, true)
  document.addEventListener('keydown', key)
  return () => {
    hide()
    document.removeEventListener('pointerover', over)
    document.removeEventListener('focusin', over)
    document.removeEventListener('focusout', hide)
    document.removeEventListener('scroll', hide, true)
    document.removeEventListener('keydown', key)
  }
}

/** Below, or above where there is no room; never beyond the edge of the window. */
function place(layer: HTMLElement, at: DOMRect): void {
  const { width, height } = layer.getBoundingClientRect()
  const left = Math.min(Math.max(edgePx, at.left + at.width / 2 - width / 2), innerWidth - width - edgePx)
  const isLow = at.bottom + gapPx + height > innerHeight
  layer.style.left = `${Math.round(left)}px`
  layer.style.top = `${Math.round(isLow ? at.top - gapPx - height : at.bottom + gapPx)}px`
}
