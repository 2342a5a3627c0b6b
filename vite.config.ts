// Builds the console's renderer (renderer/) to dist/renderer: plain files for the browser host and for the desktop app.
// Promises: nothing inline and nothing from elsewhere, so that the strict content security policy holds.
import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const LANGUAGES = /\/intl\/[\w-]+\/(?:en-US|de-DE|fr-FR|es-ES|ar-AE)\.mjs$/

/** The component library brings its own words in 34 languages; ours are five. */
const onlyOurLanguages: Plugin = {
  name: 'only-our-languages',
  enforce: 'pre',
  load(id) {
    const file = id.split('?')[0]
    const foreign =
      /\/react-(?:aria|stately)\/.*\/intl\/[\w-]+\/[a-z]{2}-[A-Z]{2}\.mjs$/.test(file) && !LANGUAGES.test(file)
    return foreign ? 'export default {}' : null
  },
}

export default defineConfig({
  root: resolve(import.meta.dirname, 'renderer'),
  base: './',
  plugins: [onlyOurLanguages, react()],
  build: {
    outDir: resolve(import.meta.dirname, 'dist/renderer'),
    emptyOutDir: true,
    target: 'chrome120',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // It comes from this computer, not over a network.
    chunkSizeWarningLimit: 2000,
  },
})
