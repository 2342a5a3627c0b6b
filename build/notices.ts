// THIRD-PARTY-NOTICES: name, version and full licence text of every package whose code is in the desktop package. A package
// without a licence text is an error, so that none is shipped without one.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageInfo, REPO } from './bundle.ts'

const LICENCE_FILE = /^(licen[cs]e|copying|notice)(\.(md|txt|mit|apache-?2?(\.0)?))?$/i

async function licenceTexts(folder: string): Promise<string[]> {
  const names = (await readdir(join(REPO, folder))).filter((name) => LICENCE_FILE.test(name)).sort()
  return await Promise.all(names.map((name) => readFile(join(REPO, folder, name), 'utf8')))
}

/** A package under the MIT licence that brings no file says so in its package.json; the licence wants text and name. */
const mit = (author: string): string => `Copyright (c) ${author}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software
is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE
FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

/** Node's npm package brings no licence file; the copy of every version is where this says. */
export const nodeNotice = (version: string): string =>
  [
    `Node.js ${version} (MIT, with parts under other licences)`,
    `The licences of all parts: https://github.com/nodejs/node/blob/v${version}/LICENSE`,
    mit('Node.js contributors. All rights reserved.'),
  ].join('\n\n')

/**
 * @param folders package folders relative to the repository
 * @param texts licences of packages that bring none, by licence id
 * @param more further entries, as they are
 */
export async function thirdPartyNotices(
  folders: readonly string[],
  texts: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
): Promise<string> {
  const parts: string[] = []
  for (const folder of [...new Set(folders)].sort()) {
    const { name, version, license, author } = await packageInfo(folder)
    const own = await licenceTexts(folder)
    const known = license === 'MIT' && author ? mit(author) : texts[license]
    const found = own.length > 0 ? own : [known].filter((text) => text !== undefined)
    if (found.length === 0) throw new Error(`${name} ${version} (${license || 'no licence'}) brings no licence text`)
    parts.push([`${name} ${version} (${license})`, '', ...found.map((text) => text.trim())].join('\n'))
  }
  const rule = `\n\n${'-'.repeat(78)}\n\n`
  return `This package contains software by others, under these licences.${rule}${[...parts, ...more].join(rule)}\n`
}
