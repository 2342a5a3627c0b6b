// What eyes would notice on a page, asked of the page itself: axe's findings, texts that are cut off or run out of their box,
// a page that scrolls sideways, motion, buttons that cannot be reached.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeFinding {
  readonly id: string
  readonly impact: string | null
  readonly help: string
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[]
}

/** Serious and critical findings, one line each. */
export async function axeFindings(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(`${AXE}; 0`)
  const found = (await page.evaluate(
    "axe.run(document, { iframes: false, resultTypes: ['violations'] }).then(({ violations }) => violations)",
  )) as readonly AxeFinding[]
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
    )
}

/** Texts that are clipped, that stick out of their box, or that lie outside of the window; one line each. */
const CLIPPED = `(() => {
  const found = []
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const node = walk.currentNode
    const text = node.textContent.trim()
    const owner = node.parentElement
    if (text === '' || owner.closest('.visually-hidden, .skip, script, style, textarea, select, iframe')) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const rect = range.getBoundingClientRect()
    if (rect.width === 0 || getComputedStyle(owner).visibility === 'hidden') continue
    const say = (why) => found.push(why + ': "' + text.slice(0, 60) + '"')
    for (let box = owner; box; box = box.parentElement) {
      const style = getComputedStyle(box)
      if (style.clipPath !== 'none' || style.position === 'absolute' && box.offsetWidth <= 1) break
      const edge = box.getBoundingClientRect()
      const hidesX = /hidden|clip/.test(style.overflowX)
      const hidesY = /hidden|clip/.test(style.overflowY)
      if (hidesX && (rect.right > edge.right + 2 || rect.left < edge.left - 2)) { say('cut off'); break }
      if (hidesY && (rect.bottom > edge.bottom + 3 || rect.top < edge.top - 3)) { say('cut off'); break }
      if (/auto|scroll/.test(style.overflowX + style.overflowY)) break
      if (box.matches('button, .card, .tile, td, th, section, .slot-card, .notice, a')
        && (rect.right > edge.right + 2 || rect.left < edge.left - 2)) { say('sticks out of ' + box.className); break }
    }
  }
  return found
})()`

export const clippedTexts = async (page: Page): Promise<readonly string[]> => (await page.evaluate(CLIPPED)) as string[]

/** What is wider than the window. */
const SIDEWAYS = `[document.documentElement, document.querySelector('#main'), ...document.querySelectorAll('.dialog-body')]
  .filter((box) => box && box.scrollWidth > box.clientWidth + 1)
  .map((box) => box.tagName + '.' + box.className + ' ' + box.scrollWidth + ' > ' + box.clientWidth)`

export const sideways = async (page: Page): Promise<readonly string[]> => (await page.evaluate(SIDEWAYS)) as string[]

/** Enabled buttons that something else covers even when they are scrolled to. */
const COVERED = `[...document.querySelectorAll('#main button:not([disabled]), [role=dialog] button:not([disabled]), [role=alertdialog] button:not([disabled])')]
  .filter((button) => button.getClientRects().length > 0 && !button.closest('[inert], [aria-hidden=true]'))
  .filter((button) => {
    button.scrollIntoView({ block: 'center' })
    const { left, top, width, height } = button.getBoundingClientRect()
    const hit = document.elementFromPoint(left + width / 2, top + height / 2)
    return !(hit && (button.contains(hit) || hit.contains(button)))
  })
  .map((button) => button.getAttribute('aria-label') ?? button.textContent)`

export const coveredButtons = async (page: Page): Promise<readonly string[]> =>
  (await page.evaluate(COVERED)) as string[]

/** Animations and transitions that run now. */
export const running = async (page: Page): Promise<readonly string[]> =>
  (await page.evaluate(
    "document.getAnimations().filter(({ playState }) => playState === 'running').map((one) => one.animationName ?? one.transitionProperty ?? 'animation')",
  )) as string[]

/** State words on the page that have no icon beside them, or no word. */
export const wordlessStates = async (page: Page): Promise<readonly string[]> =>
  (await page.evaluate(`[...document.querySelectorAll('.state')].filter((state) => {
    const icon = state.querySelector('svg')
    const box = icon && icon.getBoundingClientRect()
    return !(box && box.width > 0 && box.height > 0) || state.textContent.trim() === ''
  }).map((state) => state.outerHTML.slice(0, 200))`)) as string[]
