// German: the library of images.
import type { imagesEn } from './images.en.ts'

export const imagesDe: Record<keyof typeof imagesEn, string> = {
  'images.title': 'Abbilder',
  'images.description':
    '{count, plural, =0 {Kein Abbild in der Sammlung} one {# Abbild in der Sammlung} other {# Abbilder in der Sammlung}}',
  'images.list': 'Abbilder in der Sammlung',
  'images.import': 'Abbild importieren',
  'images.importTitle': 'Ein Abbild importieren',
  'images.importChoices': 'Dateien im Dateiordner der Konsole',
  'images.importNone':
    'Im Ordner „files“ des Datenordners der Konsole liegt kein Abbild. Legen Sie die Release-Datei dort ab und versuchen Sie es erneut. Ein Tripel sind drei Dateien: das Abbild und daneben derselbe Name mit .sha256 und .asc.',
  'images.importText':
    'Signatur, jedes Byte und das Format des Systemabbilds werden geprüft, wenn das Abbild aufgenommen wird. Die Datei bleibt, wo sie ist; die Sammlung behält eine Kopie.',
  'images.importBusy': 'Wird kopiert, dann wird jedes Byte gelesen …',
  'images.importNow': 'Importieren',
  'images.emptyTitle': 'Noch kein Abbild',
  'images.emptyText':
    'Importieren Sie das Release, das Sie vom Hersteller erhalten haben. Dessen Schlüssel muss unter „Vertrauen“ stehen, sonst wird es nicht angenommen.',
  'images.toTrust': 'Zu „Vertrauen“',
  'images.noKeys': 'Noch wird keinem Schlüssel vertraut',
  'images.noKeysText':
    'Ohne vertrauenswürdigen Schlüssel lässt sich keine Signatur prüfen und kein Abbild verwenden. Importieren Sie den Schlüssel des Herstellers unter „Vertrauen“.',
  'images.name': 'Datei',
  'images.counter': 'Release-Zähler',
  'images.built': 'Erstellt',
  'images.size': 'Größe',
  'images.kind': 'Form',
  'images.kind.bundle': 'Bündel',
  'images.kind.triple': 'Tripel (Abbild, Prüfsumme, Signatur)',
  'images.hardware': 'Hardware',
  'images.hardwareAny': 'Jede',
  'images.validUntil': 'Gültig bis',
  'images.signer': 'Signiert von',
  'images.keyExpires': 'Schlüssel läuft ab',
  'images.keyNeverExpires': 'läuft nicht ab',
  'images.expired': '{when} abgelaufen',
  'images.signature': 'Signatur',
  'images.signature.good': 'Gut, von einem Schlüssel Ihres Vertrauens',
  'images.signature.none': 'Nicht angenommen',
  'images.boot': 'Startdateien',
  'images.boot.yes': 'Enthalten',
  'images.boot.no': 'Nicht enthalten',
  'images.added': 'In der Sammlung seit',
  'images.unknown': 'nicht bekannt',
  'images.state.checking': 'Wird geprüft: jedes Byte wird gelesen',
  'images.state.trusted': 'Signatur gut',
  'images.state.verified': 'Geprüft: jedes Byte wurde gelesen',
  'images.state.bad': 'Nicht verwendbar',
  'images.pinned': 'Angeheftet',
  'images.newest':
    'Neuestes bekanntes auf {channel}, {days, plural, =0 {heute erstellt} one {# Tag alt} other {# Tage alt}}',
  'images.newer': '{version} auf {channel} ist neuer',
  'images.verify': 'Jetzt prüfen',
  'images.pin': 'Anheften',
  'images.unpin': 'Lösen',
  'images.removeTitle': '{name} aus der Sammlung entfernen?',
  'images.removeText':
    'Die Kopie in der Sammlung wird gelöscht. Datenträger, die damit geschrieben wurden, bleiben, wie sie sind.',
  'images.removePinned': 'Ein angeheftetes Abbild lässt sich nicht entfernen. Lösen Sie es zuerst.',
}
