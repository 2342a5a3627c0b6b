// The keyboard is never left nowhere: when what has the focus is removed or can no longer be used, the heading that it stood under
// takes it. Headings do nothing, so that no key that is pressed once more starts anything.

/** Two frames: a dialog that closes gives the focus back to what opened it, if that is still there. */
const soon = (act: () => void): void => void requestAnimationFrame(() => requestAnimationFrame(act))

/** @returns ends it */
export function keepFocus(page: Document = document): () => void {
  let last: Element | null = null
  let above: readonly Element[] = []
  const remember = ({ target }: FocusEvent): void => {
    if (!(target instanceof Element) || target === page.body) return
    last = target
    above = ancestorsOf(target)
  }
  const look = (): void => {
    const nowhere = page.activeElement === null || page.activeElement === page.body
    if (!nowhere || last === null || (last.isConnected && !last.matches(':disabled, :disabled *'))) return
    const place = above.find((each) => each.isConnected && each.querySelector(HEADING) !== null) ?? page.body
    const heading = place.querySelector<HTMLElement>(HEADING)
    if (heading === null) return
    if (!heading.hasAttribute('tabindex')) heading.tabIndex = -1
    heading.focus({ preventScroll: true })
  }
  const watch = new MutationObserver(() => soon(look))
  page.addEventListener('focusin', remember)
  watch.observe(page.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['disabled'] })
  return () => {
    page.removeEventListener('focusin', remember)
    watch.disconnect()
  }
}

const HEADING = 'h1, h2, h3'

function ancestorsOf(element: Element): readonly Element[] {
  const all: Element[] = []
  for (let each = element.parentElement; each !== null; each = each.parentElement) all.push(each)
  return all
}
