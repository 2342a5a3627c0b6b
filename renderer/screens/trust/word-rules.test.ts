import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { wordsOfFingerprint } from '#base/fingerprint-words.ts'
import { EVEN_WORDS, ODD_WORDS } from '#base/pgp-word-list.ts'
import { qrPath } from '#base/qr-path.ts'
import { findTool, runTool } from '#node/os/run-tool.ts'
import { SIGNER } from '#renderer/testing/fixtures.ts'
import { drawPath } from '#testing/draw-path.ts'
import fc from '#testing/property.ts'
import { codeOfFingerprint, compareWords, groupOfWord } from './word-rules.ts'

const WORDS = wordsOfFingerprint(SIGNER)

test('dictated words are equal only when every one is; capitals, blanks, punctuation and numbers do not matter', () => {
  const numbered = WORDS.map((word, at) => `${at + 1}. ${word.toUpperCase()}`)
  for (const typed of [WORDS.join(' '), ` ${WORDS.join(', ')}.\n`, numbered.join('\n'), WORDS.join('-')])
    assert.equal(compareWords(SIGNER, typed).kind, 'equal', typed)
  assert.equal(compareWords(SIGNER, ' 1. ').kind, 'nothing')
  assert.equal(compareWords(SIGNER, WORDS.slice(-8).join(' ')).kind, 'differs')
  assert.deepEqual(compareWords(SIGNER, WORDS.slice(0, 8).join(' ')), { kind: 'so-far', count: 8 })
  assert.equal(compareWords(SIGNER, [...WORDS, 'aardvark'].join(' ')).kind, 'too-long')
})

test('any other word of the list is found at its place', () => {
  fc.assert(
    fc.property(fc.nat(WORDS.length - 1), fc.nat(255), (at, byte) => {
      const word = [EVEN_WORDS, ODD_WORDS][at % 2][byte]
      fc.pre(word !== WORDS[at])
      const typed = `${WORDS.with(at, word).join(' ')} `
      assert.deepEqual(compareWords(SIGNER, typed), { kind: 'differs', place: at + 1, word })
    }),
  )
})

test('a word of the wrong list, and what is no word of any, are told apart, each with its place', () => {
  const swapped = WORDS.toSpliced(4, 2, WORDS[5], WORDS[4])
  assert.deepEqual(compareWords(SIGNER, swapped.join(' ')), { kind: 'misplaced', place: 5, word: WORDS[5] })
  const typo = WORDS.with(6, 'gibberish')
  assert.deepEqual(compareWords(SIGNER, typo.join(' ')), { kind: 'unknown', place: 7, word: 'gibberish' })
  assert.deepEqual([1, 2, 3, 19, 20].map(groupOfWord), [1, 1, 2, 10, 10])
})

test('a word that is still being typed is no fault until it cannot be right any more', () => {
  const [first, second] = WORDS
  for (let length = 1; length < second.length; length += 1)
    assert.deepEqual(compareWords(SIGNER, `${first} ${second.slice(0, length)}`), { kind: 'so-far', count: 1 })
  assert.equal(compareWords(SIGNER, `${first} ${second.slice(0, -1)} `).kind, 'unknown', 'a blank ends the word')
  assert.equal(compareWords(SIGNER, `${first} ${second}x`).kind, 'unknown')
})

test('a scanner reads the whole fingerprint from the code on the screen', async (t) => {
  if (!(await findTool('zbarimg'))) return t.skip('needs zbarimg')
  const folder = mkdtempSync(join(tmpdir(), 'twinslot-code-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'code.pgm')
  writeFileSync(file, drawPath(qrPath(codeOfFingerprint(SIGNER), 'Alphanumeric')))
  const { stdout } = await runTool('zbarimg', ['--raw', '-q', file], { timeoutMs: 30_000 })
  assert.equal(stdout.trim(), `OPENPGP4FPR:${SIGNER}`)
})
