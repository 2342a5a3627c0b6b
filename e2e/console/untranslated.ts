// Texts of a page that no message of the catalogue made: in the pseudo-language each message stands in brackets, so that what
// stands outside of them is data (names, sizes, digests), marked as English, or forgotten.
import type { Page } from 'playwright-core'

/** Three letters in a row, outside of what is data or is marked as English. */
const OUTSIDE = `(() => {
  const found = []
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const node = walk.currentNode
    const owner = node.parentElement
    const text = node.textContent.trim()
    if (!/\\p{L}{3}/u.test(text) || text.startsWith('[')) continue
    if (owner.closest('script, style, textarea, select, iframe, code, time, .serial, .slot-version, [lang="en"]')) continue
    const rect = owner.getBoundingClientRect()
    if (rect.width === 0) continue
    found.push(text.slice(0, 80) + '  <' + owner.tagName.toLowerCase() + ' ' + owner.className + '>')
  }
  return found
})()`

/** One line each; `data` are names that the page may show as they are. */
export async function untranslatedTexts(page: Page, data: readonly RegExp[]): Promise<readonly string[]> {
  const found = (await page.evaluate(OUTSIDE)) as readonly string[]
  return found.filter((line) => !data.some((known) => known.test(line)))
}
