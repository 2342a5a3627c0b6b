// What the bundler adds to TypeScript's view of the renderer: style files and import.meta.glob.
/// <reference types="vite/client" />
