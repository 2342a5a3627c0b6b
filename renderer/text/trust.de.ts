// German: the trust list.
import type { trustEn } from './trust.en.ts'

export const trustDe: Record<keyof typeof trustEn, string> = {
  'trust.title': 'Vertrauen',
  'trust.description':
    '{count, plural, =0 {Noch wird keinem Schlüssel vertraut} one {# Schlüssel ist vertrauenswürdig; was er signiert hat, wird angenommen} other {# Schlüssel sind vertrauenswürdig; was sie signiert haben, wird angenommen}}',
  'trust.list': 'Vertrauenswürdige Schlüssel',
  'trust.import': 'Schlüssel importieren',
  'trust.emptyTitle': 'Noch wird keinem Schlüssel vertraut',
  'trust.emptyText':
    'Nur Abbilder, die mit einem Schlüssel dieser Liste signiert sind, werden angenommen. Bitten Sie den Hersteller um den öffentlichen Schlüssel, importieren Sie ihn und vergleichen Sie den Fingerabdruck am Telefon.',
  'trust.fingerprint': 'Fingerabdruck',
  'trust.created': 'Erzeugt',
  'trust.expires': 'Läuft ab',
  'trust.neverExpires': 'läuft nicht ab',
  'trust.algorithm': 'Verfahren',
  'trust.signed': 'Signiert',
  'trust.signedImages':
    '{count, plural, =0 {kein Abbild der Sammlung} one {# Abbild der Sammlung} other {# Abbilder der Sammlung}}',
  'trust.noName': 'Schlüssel ohne Namen',
  'trust.state.usable': 'Verwendbar',
  'trust.state.expired': 'Abgelaufen',
  'trust.state.revoked': 'Widerrufen',
  'trust.state.weak': 'Zu schwach',
  'trust.why.expired':
    'Neue Signaturen dieses Schlüssels werden nicht angenommen. Bitten Sie den Hersteller um den erneuerten Schlüssel und importieren Sie ihn.',
  'trust.why.revoked': 'Der Inhaber hat diesen Schlüssel zurückgezogen. Nichts, was er signiert, wird angenommen.',
  'trust.why.weak':
    'Dieser Schlüssel ist zu kurz, zu alt oder nicht zum Signieren gemacht. Nichts, was er signiert, wird angenommen.',
  'trust.importTitle': 'Schlüssel importieren',
  'trust.importText':
    'Nur öffentliche Schlüssel werden aufgenommen. Wer einen solchen Schlüssel besitzt, bestimmt, was auf Ihre Datenträger geschrieben wird. Vergleichen Sie deshalb den Fingerabdruck mit dem Inhaber, bevor Sie ihn verwenden.',
  'trust.armored': 'Schlüssel als Text',
  'trust.armoredHint': 'Beginnt mit -----BEGIN PGP PUBLIC KEY BLOCK-----',
  'trust.fromFile': 'Aus einer Datei nehmen',
  'trust.importNow': 'Importieren',
  'trust.fileTooLarge': 'Diese Datei ist zu groß für eine Liste von Schlüsseln.',
  'trust.fileUnreadable':
    'Diese Datei ist kein Schlüssel in Textform. Bitten Sie um den Schlüssel als Text (ASCII-Armor).',
  'trust.imported':
    '{count, plural, =0 {Kein neuer Schlüssel: alle standen schon auf der Liste.} one {# Schlüssel ist hinzugekommen. Vergleichen Sie seinen Fingerabdruck, bevor Sie ihn verwenden.} other {# Schlüssel sind hinzugekommen. Vergleichen Sie ihre Fingerabdrücke, bevor Sie sie verwenden.}}',
  'trust.compare': 'Vergleichen',
  'trust.compareTitle': 'Fingerabdruck vergleichen',
  'trust.compareText':
    'Rufen Sie den Inhaber unter einer Nummer an, die Sie schon kennen. Einer liest die Gruppen vor, der andere vergleicht. Jedes Zeichen muss gleich sein.',
  'trust.compareGroup': 'Gruppe {number, number}: {letters}',
  'trust.compareTyped': 'Oder tippen Sie ein, was der Inhaber Ihnen sagt',
  'trust.compareEqual': 'Gleich. Das ist der Schlüssel dessen, der Ihnen den Fingerabdruck genannt hat.',
  'trust.compareSoFar':
    '{count, plural, one {Das erste Zeichen ist bisher gleich.} other {Die ersten # Zeichen sind bisher gleich.}}',
  'trust.compareDiffers':
    'Verschieden in Gruppe {group, number}. Wenn das kein Tippfehler ist, verwenden Sie diesen Schlüssel nicht.',
  'trust.compareTooLong': 'Mehr Zeichen, als dieser Fingerabdruck hat. Sehen Sie die letzte Gruppe noch einmal an.',
  'trust.compareWay': 'Art des Vergleichs',
  'trust.compareLetters': 'Zeichen',
  'trust.compareWords': 'Wörter',
  'trust.compareCode': 'QR-Code',
  'trust.compareWordsText':
    'Derselbe Fingerabdruck in englischen Wörtern, für eine Leitung, auf der Buchstaben schwer zu verstehen sind. Rufen Sie den Inhaber unter einer Nummer an, die Sie schon kennen. Einer liest die Wörter vor, der andere vergleicht. Jedes Wort muss gleich sein.',
  'trust.compareTypedWords': 'Oder tippen Sie die Wörter ein, die der Inhaber Ihnen sagt',
  'trust.compareSoFarWords':
    '{count, plural, =0 {Weiter so.} one {Das erste Wort ist bisher gleich.} other {Die ersten # Wörter sind bisher gleich.}}',
  'trust.compareWord.differs':
    'Wort {place, number} (Gruppe {group, number}) ist anders: „{word}“. Wenn es richtig verstanden wurde, verwenden Sie diesen Schlüssel nicht.',
  'trust.compareWord.misplaced':
    'Wort {place, number} (Gruppe {group, number}), „{word}“, kann hier nicht stehen: Ein Wort wurde ausgelassen, doppelt gesagt oder vertauscht. Beginnen Sie bei dieser Gruppe noch einmal.',
  'trust.compareWord.unknown':
    'Wort {place, number} (Gruppe {group, number}), „{word}“, steht nicht in der Wortliste. Fragen Sie noch einmal danach.',
  'trust.compareTooManyWords': 'Mehr Wörter, als dieser Fingerabdruck hat. Sehen Sie die letzte Gruppe noch einmal an.',
  'trust.compareCodeText':
    'Für jemanden, der neben Ihnen steht: Der Code enthält den ganzen Fingerabdruck in der Form, die OpenPGP-Programme auf Telefonen lesen. Vergleichen Sie, was dort angezeigt wird; scannen allein genügt nicht.',
  'trust.compareCodeLabel': 'QR-Code des Fingerabdrucks',
  'trust.removeTitle': 'Den Schlüssel von {name} entfernen?',
  'trust.removeLoses': 'Was damit sein Vertrauen verliert',
  'trust.removeNothing': 'Kein Abbild der Sammlung und kein Slot auf der Werkbank ist mit diesem Schlüssel signiert.',
  'trust.removeImage': 'Abbild {name} ({file}): nicht mehr verwendbar',
  'trust.removeSlots':
    '{count, plural, one {# Slot auf der Werkbank ist damit signiert. Er startet weiterhin; nur prüfen lässt er sich hier nicht mehr.} other {# Slots auf der Werkbank sind damit signiert. Sie starten weiterhin; nur prüfen lassen sie sich hier nicht mehr.}}',
  'trust.removeLast': 'Es ist der letzte Schlüssel. Ohne Schlüssel lässt sich kein Abbild verwenden.',
}
