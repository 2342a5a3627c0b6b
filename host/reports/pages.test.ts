import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { chromium } from 'playwright-core'
import type { Certificate } from '#contract/certificate.ts'
import { certificateSchema } from '#contract/certificate.ts'
import { findTool, runTool } from '#node/os/run-tool.ts'
import { drawPath } from '#testing/draw-path.ts'
import fc from '#testing/property.ts'
import { largestCertificate, sampleCertificate } from '#testing/sample-certificate.ts'
import { CONTENT_SECURITY_POLICY } from '../web/headers.ts'
import { certificateHtml } from './certificate-html.ts'
import { certificatesCsv, csvCell } from './csv.ts'
import { escapeHtml, html, plain } from './html.ts'
import { initials, labelCode, labelHtml } from './label-html.ts'
import { PAGE_STYLES } from './styles.ts'

const SHA = 'cd'.repeat(32)

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='x",
  '</style><script>',
  '<!--',
  '&lt;',
  '\u202egnp.exe',
  'a\u0000b',
]

test('the sample certificates are certificates', () => {
  for (const each of [sampleCertificate(), largestCertificate()]) {
    assert.deepEqual(certificateSchema.safeParse(each).error?.issues ?? [], [])
  }
})

test('whatever a disk, a person or a file is called, a page has only our own tags', () => {
  const names = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 80 }))
  const tags = (page: string) => [...page.matchAll(/<[!/a-zA-Z][^>]*>/g)].map(([tag]) => tag)
  const neutral = (text: string): Certificate => {
    const base = sampleCertificate()
    return sampleCertificate({
      operator: text,
      drive: { ...base.drive, model: text, serial: text, port: text, path: text },
      layout: { ...base.layout, name: text, partitions: [{ ...base.layout.partitions[0], name: text }] },
      written: [{ ...base.written[0], what: text }],
      error: { code: 'x', message: text, during: text },
      overrides: [{ what: text, reason: text, by: text }],
      config: { files: [{ path: text, size: 1, sha256: SHA, mode: 0 }] },
      steps: [{ ...base.steps[0], title: text }],
    })
  }
  const expected = tags(certificateHtml(neutral('x')))
  const label = (certificate: Certificate) => tags(labelHtml(certificate, SHA, '62mm').replace(/ d="[^"]*"/, ''))
  fc.assert(
    fc.property(names, (text) => {
      const certificate = neutral(text)
      const page = certificateHtml(certificate)
      assert.deepEqual(tags(page), expected)
      assert.equal(label(certificate).length, label(neutral('x')).length)
      assert.doesNotMatch(page.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
    }),
    { numRuns: 200 },
  )
})

test('a hole of a page is escaped, cut, and has no direction or control characters', () => {
  assert.equal(html`<b>${'<i>&"\''}</b>`.text, '<b>&lt;i&gt;&amp;&quot;&#39;</b>')
  assert.equal(plain('a\u202eb\u0007c', 10), 'a b c')
  assert.equal([...plain('😀'.repeat(50), 10)].length, 10)
  assert.equal(escapeHtml('<'), '&lt;')
})

test('a certificate cuts no value and leaves out no row', () => {
  const certificate = largestCertificate()
  const text = certificateHtml(certificate)
  assert.doesNotMatch(text, /…|ellipsis|nowrap| more, see /)
  const { drive, layout, written, steps, config } = certificate
  const whole = [
    ...[drive.serial, drive.model, drive.port, drive.path],
    ...layout.partitions.flatMap(({ name, uniqueGuid }) => [name, uniqueGuid]),
    ...written.map(({ what }) => what),
    ...steps.map(({ title }) => title),
    ...(config?.files ?? []).flatMap(({ path, sha256 }) => [path, sha256]),
  ]
  for (const value of whole)
    if (value !== null) assert.ok(text.includes(escapeHtml(plain(value, 2000))), `${value} is not whole`)
})

test('a page allows nothing but its own style sheet: no script, no network, no inline style of anybody else', () => {
  for (const page of [certificateHtml(sampleCertificate()), labelHtml(sampleCertificate(), SHA, '25x54')]) {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? ''
    assert.match(policy, /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'$/)
    assert.doesNotMatch(page, /<script|javascript:|https?:\/\/(?!www\.w3\.org)|style=|unsafe/)
    assert.ok(PAGE_STYLES.some((hash) => policy.includes(hash)))
  }
  for (const hash of PAGE_STYLES) assert.ok(CONTENT_SECURITY_POLICY.includes(hash))
})

test('no cell begins like a formula, and every text comes back from a reader of CSV as it was', () => {
  for (const start of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '  =1', '＝1'])
    assert.match(csvCell(start), /^"?'/, JSON.stringify(start))
  // Some take a cell for a formula after dropping what stands in front of it, whatever comes then.
  for (const start of ['\tx', '\rx', '\nx']) assert.match(csvCell(start), /^"'/, JSON.stringify(start))
  assert.deepEqual(['a;b', 'a\tb', 'a,b', 'a b'].map(csvCell), ['"a;b"', '"a\tb"', '"a,b"', 'a b'])
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
      const [row] = parseCsv(`${csvCell(text)},next\r\n`)
      assert.ok(row[0] === text || row[0] === `'${text}`)
      assert.equal(row[1], 'next')
      assert.doesNotMatch(row[0], /^[\s]*[=+\-@]/)
    }),
    { numRuns: 500 },
  )
})

test('one row per unit under one heading; the mark for spreadsheets only when it is asked for', () => {
  const base = sampleCertificate()
  const evil = sampleCertificate({ operator: '=HYPERLINK("http://x")', drive: { ...base.drive, serial: '-2,"3' } })
  const rows = parseCsv(certificatesCsv([base, evil], false))
  assert.equal(rows.length, 3)
  assert.ok(rows.every((row) => row.length === rows[0].length))
  const column = (name: string) => rows[2][rows[0].indexOf(name)]
  assert.equal(column('operator'), `'=HYPERLINK("http://x")`)
  assert.equal(column('drive_serial'), `'-2,"3`)
  assert.equal(column('outcome'), 'verified')
  const model = 'evil\u202egnp\u001b[2J\r\n=1'
  const [, odd] = parseCsv(certificatesCsv([sampleCertificate({ drive: { ...base.drive, model } })], false))
  assert.equal(odd[rows[0].indexOf('drive_model')], 'evil\\u{202e}gnp\\u{1b}[2J\\u{d}\\u{a}=1')
  assert.equal(certificatesCsv([base], true).charCodeAt(0), 0xfeff)
  assert.notEqual(certificatesCsv([base], false).charCodeAt(0), 0xfeff)
})

/** RFC 4180, as small as it gets. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy
  for (const [, quoted, bare, end] of text.matchAll(cell)) {
    rows.at(-1)?.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'))
    if (end !== ',') rows.push([])
  }
  return rows.slice(0, -1)
}

test('an ordinary certificate prints to one page of A4, a large one to more, and a label to one of its own size', async (t) => {
  const executablePath = await findTool('chromium')
  if (!executablePath) return t.skip('needs chromium')
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const complaints: string[] = []
    const pagesOf = async (text: string): Promise<[number, string]> => {
      const page = await browser.newPage()
      page.on('console', (message) => complaints.push(message.text()))
      await page.setContent(text)
      const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1')
      return [[...pdf.matchAll(/\/Type\s*\/Page\b(?!s)/g)].length, /\/MediaBox\s*\[([^\]]*)\]/.exec(pdf)?.[1] ?? '']
    }
    const box = (text: string) => text.trim().split(/\s+/).slice(2).map(Number).map(Math.round)
    const largest = largestCertificate()
    // A part of each list: thousands of rows say nothing more about the paper, and take minutes to lay out.
    const large = {
      ...largest,
      written: largest.written.slice(0, 20),
      layout: { ...largest.layout, partitions: largest.layout.partitions.slice(0, 20) },
      config: { files: (largest.config?.files ?? []).slice(0, 50) },
    }
    for (const certificate of [sampleCertificate(), large]) {
      const [count, media] = await pagesOf(certificateHtml(certificate))
      if (certificate === large) assert.ok(count > 1)
      else assert.equal(count, 1)
      assert.deepEqual(box(media), [595, 842])
      for (const [preset, size] of [
        ['62mm', [176, 82]],
        ['25x54', [153, 71]],
      ] as const) {
        const [labels, labelMedia] = await pagesOf(labelHtml(certificate, SHA, preset))
        assert.equal(labels, 1)
        assert.ok(
          box(labelMedia).every((side, i) => Math.abs(side - size[i]) <= 1),
          labelMedia,
        )
      }
    }
    assert.deepEqual(complaints, [], 'the page needs nothing that its own policy forbids')
  } finally {
    await browser.close()
  }
})

test('a scanner reads from the label which certificate it belongs to', async (t) => {
  if (!(await findTool('zbarimg'))) return t.skip('needs zbarimg')
  const folder = mkdtempSync(join(tmpdir(), 'twinslot-label-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const certificate = sampleCertificate()
  const text = labelHtml(certificate, SHA, '62mm')
  const file = join(folder, 'code.pgm')
  const side = Number(/viewBox="0 0 (\d+)/.exec(text)?.[1])
  writeFileSync(file, drawPath({ side, path: text }))
  const { stdout } = await runTool('zbarimg', ['--raw', '-q', file], { timeoutMs: 30_000 })
  assert.equal(stdout.trim(), labelCode(certificate, SHA))
  assert.equal(stdout.trim(), `TWINSLOT1 ${certificate.id} ${SHA.slice(0, 32)} S1`)
  const odd = sampleCertificate({ drive: { ...certificate.drive, serial: 'Müller 株\u202e-7' } })
  assert.equal(labelCode(odd, SHA).split(' ').at(-1), 'Mller-7', 'only what every scanner reads alike')
})

test('a label names the unit itself where it is known, else the drive', () => {
  const { chassis, drive } = sampleCertificate()
  const known = { ...chassis, serial: '8CN1234567', macAddresses: ['aa:bb:cc:00:00:01', 'aa:bb:cc:00:00:02'] }
  const unit = labelHtml(sampleCertificate({ chassis: known }), SHA, '62mm')
  assert.match(unit, /<p>S\/N 8CN1234567<\/p><p>MAC aa:bb:cc:00:00:01<\/p>/)
  const bench = labelHtml(sampleCertificate(), SHA, '62mm')
  assert.match(bench, new RegExp(`<p>S/N ${drive.serial}</p>`))
  assert.doesNotMatch(bench, /MAC/)
})

test('initials are short, whoever it is', () => {
  assert.equal(initials('Ada Lovelace'), 'AL')
  assert.equal(initials('tech@bench'), 'TB')
  assert.equal(initials(null), '')
})
