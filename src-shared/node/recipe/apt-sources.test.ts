import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { hostSources, parseDeb822, parseSourceList, sourceLine, sourcesFor, withoutSecrets } from './apt-sources.ts'

const DEB822 = `# a comment
Types: deb deb-src
URIs: http://mirror.example/debian
# in between
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/k.gpg

Types: deb
Enabled: no
URIs: http://off.example/
Suites: bookworm
Components: main

Types: deb
URIs: http://vendor.example/
Suites: bookworm
Components: stable
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
`

test('both forms of package sources are read; disabled and source-only ones are not', () => {
  const found = parseDeb822(DEB822)
  assert.deepEqual(
    found.map(({ suite, signedBy }) => [suite, signedBy]),
    [
      ['bookworm', '/usr/share/keyrings/k.gpg'],
      ['bookworm-updates', '/usr/share/keyrings/k.gpg'],
      ['bookworm', null],
    ],
  )
  const lines =
    'deb [arch=amd64 signed-by=/k.gpg] http://m.example/u noble main universe # x\n#deb http://n x y\ndeb-src http://n x y\n'
  const [one, ...rest] = parseSourceList(lines)
  assert.deepEqual(rest, [])
  assert.equal(sourceLine(one), 'deb [signed-by=/k.gpg] http://m.example/u noble main universe')
})

test('only the archive that has the suite itself serves a base, with its updates and without foreign archives', () => {
  const sources = parseDeb822(DEB822)
  assert.deepEqual(
    sourcesFor('bookworm', sources).map(({ uri, suite }) => `${uri} ${suite}`),
    ['http://mirror.example/debian bookworm', 'http://mirror.example/debian bookworm-updates'],
  )
  assert.deepEqual(sourcesFor('noble', sources), [])
})

test('the sources of a machine are those of the list and of its folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-apt-'))
  try {
    assert.deepEqual(await hostSources(folder), [])
    await mkdir(join(folder, 'sources.list.d'))
    await writeFile(join(folder, 'sources.list'), 'deb http://a.example x main\n')
    await writeFile(join(folder, 'sources.list.d/b.sources'), DEB822)
    await writeFile(join(folder, 'sources.list.d/c.list'), 'deb http://c.example y main\n')
    await writeFile(join(folder, 'sources.list.d/d.list.save'), 'deb http://d.example y main\n')
    assert.equal((await hostSources(folder)).length, 5)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('name and password of a mirror are not passed on', () => {
  assert.equal(withoutSecrets('https://me:secret@m.example/debian'), 'https://m.example/debian')
  assert.equal(withoutSecrets('http://m.example/a@b'), 'http://m.example/a@b')
})
