// English: the trust list.
export const trustEn = {
  'trust.title': 'Trust',
  'trust.description':
    '{count, plural, =0 {No key is trusted} one {# key is trusted; what it signed is accepted} other {# keys are trusted; what they signed is accepted}}',
  'trust.list': 'Trusted keys',
  'trust.import': 'Import keys',
  'trust.emptyTitle': 'No key is trusted yet',
  'trust.emptyText':
    'Only images that are signed by a key of this list are accepted. Ask the maker for the public key, import it, and compare the fingerprint by telephone.',
  'trust.fingerprint': 'Fingerprint',
  'trust.created': 'Created',
  'trust.expires': 'Expires',
  'trust.neverExpires': 'does not expire',
  'trust.algorithm': 'Algorithm',
  'trust.signed': 'Signed',
  'trust.signedImages':
    '{count, plural, =0 {no image of the library} one {# image of the library} other {# images of the library}}',
  'trust.noName': 'Key without a name',
  'trust.state.usable': 'Usable',
  'trust.state.expired': 'Expired',
  'trust.state.revoked': 'Revoked',
  'trust.state.weak': 'Too weak',
  'trust.why.expired': 'New signatures of this key are not accepted. Ask the maker for the renewed key and import it.',
  'trust.why.revoked': 'The holder has withdrawn this key. Nothing that it signs is accepted.',
  'trust.why.weak': 'This key is too short, too old or not made for signing. Nothing that it signs is accepted.',
  'trust.importTitle': 'Import keys',
  'trust.importText':
    'Only public keys are taken in. Whoever holds such a key decides what is written to your disks, so compare its fingerprint with the holder before you use it.',
  'trust.armored': 'Armored text of the key',
  'trust.armoredHint': 'Begins with -----BEGIN PGP PUBLIC KEY BLOCK-----',
  'trust.fromFile': 'Take from a file',
  'trust.importNow': 'Import',
  'trust.fileTooLarge': 'This file is too large for a list of keys.',
  'trust.fileUnreadable': 'This file is not armored text. Ask for the key in its armored (text) form.',
  'trust.imported':
    '{count, plural, =0 {No new key: all of them were on the list already.} one {# key was added. Compare its fingerprint before you use it.} other {# keys were added. Compare their fingerprints before you use them.}}',
  'trust.compare': 'Compare',
  'trust.compareTitle': 'Compare the fingerprint',
  'trust.compareText':
    'Call the holder at a number that you know already. One of you reads the groups aloud, the other compares. Every letter must be equal.',
  'trust.compareGroup': 'Group {number, number}: {letters}',
  'trust.compareTyped': 'Or type or paste what the holder tells you',
  'trust.compareEqual': 'Equal. This is the key of whoever told you the fingerprint.',
  'trust.compareSoFar':
    '{count, plural, one {The first letter is equal so far.} other {The first # letters are equal so far.}}',
  'trust.compareDiffers': 'Different in group {group, number}. If it was typed correctly, do not use this key.',
  'trust.compareTooLong': 'More letters than this fingerprint has. Look at the last group again.',
  'trust.compareWay': 'How to compare',
  'trust.compareLetters': 'Letters',
  'trust.compareWords': 'Words',
  'trust.compareCode': 'QR code',
  'trust.compareWordsText':
    'The same fingerprint in English words, for a line on which letters are hard to understand. Call the holder at a number that you know already. One of you reads the words aloud, the other compares. Every word must be equal.',
  'trust.compareTypedWords': 'Or type the words that the holder tells you',
  'trust.compareSoFarWords':
    '{count, plural, =0 {Go on.} one {The first word is equal so far.} other {The first # words are equal so far.}}',
  'trust.compareWord.differs':
    'Word {place, number} (group {group, number}) is different: “{word}”. If it was understood correctly, do not use this key.',
  'trust.compareWord.misplaced':
    'Word {place, number} (group {group, number}), “{word}”, cannot stand here: a word was left out, said twice or swapped. Begin again with this group.',
  'trust.compareWord.unknown':
    'Word {place, number} (group {group, number}), “{word}”, is not in the list of words. Ask for it again.',
  'trust.compareTooManyWords': 'More words than this fingerprint has. Look at the last group again.',
  'trust.compareCodeText':
    'For whoever stands beside you: the code holds the whole fingerprint, in the form that OpenPGP programs on telephones read. Compare what they show, do not just scan.',
  'trust.compareCodeLabel': 'QR code of the fingerprint',
  'trust.removeTitle': 'Remove the key of {name}?',
  'trust.removeLoses': 'What becomes untrusted',
  'trust.removeNothing': 'No image of the library and no slot on the bench is signed by this key.',
  'trust.removeImage': 'Image {name} ({file}): cannot be used any more',
  'trust.removeSlots':
    '{count, plural, one {# slot on the bench is signed by it. It still boots; it only cannot be checked here any more.} other {# slots on the bench are signed by it. They still boot; they only cannot be checked here any more.}}',
  'trust.removeLast': 'It is the last key. Without a key no image can be used.',
}
