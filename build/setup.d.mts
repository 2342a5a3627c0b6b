// Types of what the tests use of setup.mjs, which is plain JavaScript because it runs before anything is installed.
interface Lock {
  readonly packages: Readonly<Record<string, { version?: string; integrity?: string; optional?: boolean }>>
}
export const GROUPS: Readonly<Record<'default' | 'test' | 'bench', Readonly<Record<string, string>>>>
export function lockDifferences(lock: Lock, installed: Lock): string[]
export function missingDebianPackages(packages: readonly string[], dpkgOutput: string): string[]
export function unobtainable(aptOutput: string): string[]
