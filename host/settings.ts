// The console's settings: one JSON file; what is damaged in it is set aside, and the defaults hold.
import { z } from 'zod'
import type { SettingsView } from '#contract/views.ts'
import { readJsonFile, writeJsonFile } from '#node/os/state-file.ts'
import { userName } from '#node/os/who.ts'
import type { Calls, Host } from './ports.ts'

const schema = z.object({
  language: z.enum(['en', 'de', 'fr', 'es', 'ar', 'system']).catch('system'),
  theme: z.enum(['system', 'light', 'dark']).catch('system'),
  sounds: z.boolean().catch(false),
  assistive: z.boolean().catch(false),
  operator: z.string().max(100).catch(''),
  neverTouch: z.array(z.string().max(64)).max(200).catch([]),
})

export interface Settings {
  get(): SettingsView
  calls(host: Pick<Host, 'tell'>): Calls<'settings.change'>
}

export async function openSettings(file: string): Promise<Settings> {
  const read = await readJsonFile(file, (value) => schema.safeParse(value).data ?? null)
  const defaults: SettingsView = { ...schema.parse({}), operator: userName() }
  let settings: SettingsView = read.state === 'present' ? read.value : defaults
  return {
    get: () => settings,
    calls: (host) => ({
      'settings.change': async (patch) => {
        const neverTouch = (patch.neverTouch ?? settings.neverTouch).map((each) => each.trim()).filter(Boolean)
        const next = { ...settings, ...patch, neverTouch: [...new Set(neverTouch)] }
        await writeJsonFile(file, next)
        settings = next
        host.tell({ type: 'settings', settings })
        return settings
      },
    }),
  }
}
