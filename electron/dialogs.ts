// The native boxes: choosing a file (its path stays in the host, the page gets a token), the consent before writing, and the
// question when somebody quits during a job. The safe answer is the default everywhere, and Esc gives it.

import type { PlanView } from '#contract/views.ts'
import type { GuardChange } from '#host/consent.ts'
import type { Chooser, Purpose } from '#host/files.ts'
import { changeText, consentTexts } from './consent-text.ts'
import type { Language, Say } from './text.ts'

interface FileFilter {
  name: string
  extensions: string[]
}

/** What is used of Electron's dialog, for our window. */
export interface Boxes {
  open(options: {
    title: string
    properties: ('openFile' | 'openDirectory')[]
    filters: FileFilter[]
  }): Promise<{ canceled: boolean; filePaths: string[] }>
  message(options: {
    type: 'question' | 'warning'
    message: string
    detail: string
    buttons: string[]
    defaultId: number
    cancelId: number
    noLink: true
  }): Promise<{ response: number }>
}

const EXTENSIONS: Readonly<Record<Exclude<Purpose, 'config-folder'>, readonly string[]>> = {
  image: ['twinslot', 'img', 'iso'],
  'virtual-disk': ['img', 'raw'],
}

/** Answers one path or none. */
export const nativeChooser =
  (boxes: Pick<Boxes, 'open'>, say: Say): Chooser =>
  async (purpose) => {
    const title = say(`choose.${purpose}`)
    const folder = purpose === 'config-folder'
    const extensions = folder ? [] : EXTENSIONS[purpose].map((each) => `.${each}`)
    const { canceled, filePaths } = await boxes.open({
      title,
      properties: [folder ? 'openDirectory' : 'openFile'],
      filters: folder ? [] : [{ name: extensions.join(', '), extensions: [...EXTENSIONS[purpose]] }],
    })
    return canceled ? [] : filePaths.slice(0, 1)
  }

const SAFE = 0
const GO = 1

/** The boxes before the first write; true when each was answered with yes. */
export async function askConsent(
  boxes: Pick<Boxes, 'message'>,
  say: Say,
  language: Language,
  plans: readonly PlanView[],
): Promise<boolean> {
  const texts = consentTexts(plans, language)
  for (const [index, detail] of texts.entries()) {
    const { response } = await boxes.message({
      type: 'warning',
      message: texts.length === 1 ? say('consent.message') : `${say('consent.message')} (${index + 1}/${texts.length})`,
      detail,
      buttons: [say('consent.cancel'), say('consent.start')],
      defaultId: SAFE,
      cancelId: SAFE,
      noLink: true,
    })
    if (response !== GO) return false
  }
  return texts.length > 0
}

/** The box before a change of what guards a write. */
export async function askChange(
  boxes: Pick<Boxes, 'message'>,
  say: Say,
  changes: readonly GuardChange[],
): Promise<boolean> {
  const { response } = await boxes.message({
    type: 'warning',
    message: say('guard.message'),
    detail: changeText(changes, say),
    buttons: [say('consent.cancel'), say('guard.allow')],
    defaultId: SAFE,
    cancelId: SAFE,
    noLink: true,
  })
  return response === GO
}

/** True for "stop the job and quit". */
export async function askQuit(boxes: Pick<Boxes, 'message'>, say: Say): Promise<boolean> {
  const { response } = await boxes.message({
    type: 'question',
    message: say('quit.message'),
    detail: say('quit.detail'),
    buttons: [say('quit.stay'), say('quit.stop')],
    defaultId: SAFE,
    cancelId: SAFE,
    noLink: true,
  })
  return response === GO
}
