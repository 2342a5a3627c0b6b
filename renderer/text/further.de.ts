// German: what a look finds on a disk, its repairs, and refusals of images, config and keys. Short; what to do comes second.
import type { FurtherTexts } from './problem-codes.ts'

const SELECT = 'Wählen Sie unter „Slots & Rettung“, was startet: Das schreibt ihn neu.'
const REWRITE = 'Schreiben Sie einen Slot mit „Slots reparieren“ neu.'
const CHOOSE =
  'Öffnen Sie das Gerät unter „Slots & Rettung“: Dort stehen beide Seiten mit dem, was verloren ginge. Wählen Sie, welche bleibt.'
const TABLE =
  'Öffnen Sie das Gerät unter „Slots & Rettung“: Dort wird die Reparatur angeboten, wo es eine gibt. Neu bereitstellen löscht alles.'
const PROVISION = 'Stellen Sie das Gerät neu bereit; das löscht alles.'
const BAD_DISK = 'Benutzen Sie diesen Datenträger nicht. Nehmen Sie einen anderen.'
const FETCH = 'Holen Sie das Abbild erneut.'
const KEY = 'Bitten Sie den Inhaber des Schlüssels um den öffentlichen Schlüssel als Textdatei.'

export const furtherDe: FurtherTexts = {
  'boot.ab-state-missing': ['Die Datei {file}, die den Slot auswählt, fehlt; gestartet wird der letzte gute.', SELECT],
  'boot.ab-state-damaged': [
    'Die Datei {file}, die den Slot auswählt, enthält {found}; der Bootloader beachtet sie nicht.',
    SELECT,
  ],
  'boot.env-damaged': ['Der Startblock {file} ist beschädigt.', SELECT],
  'boot.env-lost': [
    'Keiner der beiden Startblöcke zählt; nur der Vermerk des guten Slots sagt noch, was starten darf.',
    'Markieren Sie unter „Slots & Rettung“ den Slot, der funktioniert, als gut: Das schreibt beide neu.',
  ],
  'boot.env-value': ['Im Startblock steht für {name} der Wert {found}; er wird nicht beachtet.', SELECT],
  'repair.no-loader': [
    'Der Bootloader {file} fehlt oder ist leer; die Firmware findet nichts zu starten.',
    'Holen Sie ihn aus einem Abbild mit Boot-Dateien zurück: „Reparieren“ daneben.',
  ],
  'repair.env-copies-differ': [
    'Der Startblock {file} und seine Kopie {copy} sagen Verschiedenes; der erste gilt.',
    'Reparieren Sie die Startumgebung: Der Knopf steht daneben.',
  ],
  'repair.slot-content': [
    'Slot {slot} enthält nicht das, was für ihn verzeichnet ist.',
    'Lassen Sie es mit der Reparatur daneben herausfinden, mit einem Abbild zum Vergleich.',
  ],
  'repair.both-bad': [
    'Kein Slot ist gut: A ist {wordA}, B ist {wordB}.',
    'Lassen Sie beide mit der Reparatur daneben lesen, oder schreiben Sie einen mit „Slots reparieren“ neu.',
  ],
  'repair.no-candidate': [
    'Kein Slot lässt sich gut nennen: Keiner ist als ganz geschrieben verzeichnet (A: {wordA}, B: {wordB}).',
    'Reparieren Sie zuerst das Verzeichnis der Slots mit dem Abbild, das geschrieben wurde, oder schreiben Sie einen Slot neu.',
  ],
  'repair.no-intact-slot': ['In keinem Slot steht noch, was geschrieben wurde.', REWRITE],
  'repair.no-release': [
    'Ein Bootloader kommt nur aus einem signierten Abbild zurück, und keines ist gewählt.',
    'Wählen Sie ein Abbild mit Boot-Dateien.',
  ],
  'slot.record-copy-damaged': [
    'Eine der beiden Kopien des Slot-Verzeichnisses ist beschädigt; die andere gilt.',
    'Nichts ist verloren; die nächste Änderung eines Slots schreibt sie neu.',
  ],
  'slot.record-lost': [
    'Das Slot-Verzeichnis {file} ist nicht lesbar: Was in den Slots ist, ist nicht bekannt.',
    'Schreiben Sie die Slots mit „Slots reparieren“ neu, oder lassen Sie es mit der Reparatur daneben herausfinden.',
  ],
  'slot.content-differs': [
    'Slot {slot} weicht von dem ab, was geschrieben wurde.',
    'Er wurde verändert, oder der Datenträger versagt. Schreiben Sie ihn mit „Slots reparieren“ neu.',
  ],
  'gpt.sides-disagree': ['Die beiden Partitionstabellen sind ganz, aber verschieden.', CHOOSE],
  'plan.choose-table-side': [
    'Auf {disk} sind beide Partitionstabellen ganz, aber verschieden: Ein Mensch muss wählen, welche bleibt.',
    CHOOSE,
  ],
  'plan.table-side-damaged': [
    'Die gewählte Partitionstabelle von {disk} ist nicht ganz; nach ihr lässt sich nichts schreiben.',
    TABLE,
  ],
  'gpt.no-signature': ['In Sektor {lba}, wo eine der beiden Partitionstabellen beginnt, ist keine.', TABLE],
  'gpt.header-crc': [
    'Der Kopf einer der beiden Partitionstabellen ist beschädigt: Seine Prüfsumme stimmt nicht.',
    TABLE,
  ],
  'gpt.entries-crc': [
    'Die Einträge einer der beiden Partitionstabellen sind beschädigt: Ihre Prüfsumme stimmt nicht.',
    TABLE,
  ],
  'gpt.backup-misplaced': [
    'Die Sicherung der Partitionstabelle sollte in Sektor {expected} sein, ist aber in {found}: Datenträger oder Datei hat die Größe geändert.',
    PROVISION,
  ],
  'gpt.disk-shrunk': [
    'Die Partitionstabelle ist für {expected} Sektoren gemacht; da sind nur {found}.',
    'Der Datenträger ist kleiner als der, von dem kopiert wurde, oder die Kopie brach ab. Kopieren Sie erneut auf einen ausreichend großen.',
  ],
  'gpt.other-sector-size': [
    'Die Partitionstabelle ist für Sektoren von {expected} Bytes gemacht; dieser Datenträger zeigt {found}.',
    'Schließen Sie ihn so an, wie er beim Partitionieren angeschlossen war (anderer Adapter oder keiner).',
  ],
  'gpt.no-table': [
    'Es gibt keine Partitionstabelle, weder am Anfang noch am Ende.',
    'Daraus lässt sich nichts wiederherstellen. Bereitstellen macht eine neue und löscht alles.',
  ],
  'gpt.mbr-missing': [
    'In Sektor 0 fehlt der schützende MBR; andere Systeme könnten den Datenträger für leer halten.',
    TABLE,
  ],
  'gpt.mbr-foreign': ['In Sektor 0 steht die Partitionstabelle eines anderen Systems (Typ 0x{found}).', TABLE],
  'gpt.mbr-hybrid': [
    'In Sektor 0 steht ein gemischter MBR: neben dem schützenden Eintrag einer vom Typ 0x{found}.',
    TABLE,
  ],
  'gpt.unrepairable': [
    'Keiner der beiden Partitionstabellen ist zu trauen.',
    'Daraus lässt sich nichts wiederherstellen. Neu bereitstellen löscht alles.',
  ],
  'fat.not-fat32': ['Auf der Boot-Partition ist kein FAT32-Dateisystem.', PROVISION],
  'fat.damaged': ['Das Dateisystem der Boot-Partition ist beschädigt.', PROVISION],
  'disk.system-refused': [
    'Das System hat etwas an {disk} abgelehnt: {reason}.',
    'Über den Datenträger selbst sagt das nichts. Beseitigen Sie den Grund, und starten Sie erneut.',
  ],
  'disk.file-exists': [
    'Die Datei {disk} gibt es schon.',
    'Wählen Sie einen anderen Namen, oder nehmen Sie die vorhandene Datei auf die Werkbank.',
  ],
  'write.verify-failed': ['Der Datenträger gibt ab Byte {offset} anderes zurück, als geschrieben wurde.', BAD_DISK],
  'write.lost-afterwards': [
    'Der Datenträger behält nicht, was geschrieben wird: Er hat weniger Platz, als er angibt.',
    BAD_DISK,
  ],
  'runner.died': [
    'Das schreibende Programm endete ohne ein letztes Wort ({reason}).',
    'Der Datenträger kann zum Teil beschrieben sein: Starten Sie denselben Auftrag erneut, er macht dort weiter.',
  ],
  'runner.closed': [
    'Das schreibende Programm nimmt kein weiteres Gerät an ({reason}).',
    'Nichts wurde geschrieben. Starten Sie den Auftrag erneut; ein neues Programm führt ihn aus.',
  ],
  'runner.off-plan': [
    'Bestätigt wurde ein anderer Plan als der, der ausgeführt werden sollte.',
    'Sehen Sie den Plan an, und bestätigen Sie ihn erneut.',
  ],
  'host.config-one-unit': [
    'Eine Konfiguration gehört zu einem Gerät; gewählt sind {found}.',
    'Wählen Sie ein Gerät, oder stellen Sie diese ohne Konfiguration bereit. Nichts wurde geschrieben.',
  ],
  'release.older-version': [
    'Das Abbild ist Version {found}, älter als {expected} auf dem Datenträger.',
    'Nehmen Sie ein neueres, oder erlauben Sie das ältere mit einer Begründung; sie wird festgehalten.',
  ],
  'release.no-version': [
    'Das Abbild nennt keine Version; auf dem Datenträger war {expected}.',
    'Nehmen Sie eines, das seine Version nennt, oder erlauben Sie dieses mit einer Begründung; sie wird festgehalten.',
  ],
  'release.compressed': [
    '{path} ist komprimiert; ein Slot nimmt nur das Abbild selbst.',
    'Bitten Sie den Hersteller um das Abbild vor dem Komprimieren mit eigener Signatur, oder um ein Bündel.',
  ],
  'image.not-squashfs': [
    'Das Abbild ist kein Systemabbild (weder squashfs noch ext4).',
    'Nehmen Sie das Wurzeldateisystem der Appliance, kein ISO, keinen ganzen Datenträger, kein Archiv.',
  ],
  'image.truncated': ['Das Abbild gibt {expected} Bytes an, es sind aber nur {found} da.', FETCH],
  'image.damaged': ['Das Systemabbild ist beschädigt.', FETCH],
  'image.layout-mismatch': [
    'Das Abbild ist für {image} gebaut und hat {found}; {disk} hat {expected}.',
    'Nehmen Sie ein Abbild für diese Aufteilung, oder die Aufteilung, für die es gebaut ist.',
  ],
  'restore.no-place': ['Auf {disk} gibt es keinen Platz für /config.', PROVISION],
  'restore.nothing': [
    'In {from} sind keine Dateien für /config.',
    'Wählen Sie den Ordner, in dem die Dateien selbst liegen.',
  ],
  'config.bad-name': [
    '{file} kann nicht in /config liegen: Der Name ist nicht möglich.',
    'Benennen Sie die Datei um, oder lassen Sie sie weg.',
  ],
  'config.changed': [
    '{file} ist seit dem Plan verändert worden.',
    'Lassen Sie den Ordner in Ruhe, während geschrieben wird; planen und bestätigen Sie erneut.',
  ],
  'settings.not-saved': [
    '{file} konnte nicht gespeichert werden; die Datei ist wie zuvor.',
    'Prüfen Sie Platz und Rechte ihres Ordners.',
  ],
  'trust.keyring-malformed': ['Die Schlüsseldatei lässt sich nicht als OpenPGP-Schlüssel lesen.', KEY],
  'trust.keyring-empty': ['In der Schlüsseldatei ist kein Schlüssel.', KEY],
  'trust.keyring-secret': [
    'In der Schlüsseldatei ist ein geheimer Schlüssel; der gehört nicht hierher.',
    'Er bleibt, wo er signiert. Bitten Sie seinen Inhaber um den öffentlichen.',
  ],
  'trust.keyring-partly': [
    '{count} der Schlüssel wurden gelesen und stehen jetzt auf der Vertrauensliste; andere nicht.',
    KEY,
  ],
  'write.image-too-large': [
    'Das Abbild hat {imageSize_bytes}; sein Platz fasst {slotSize_bytes}.',
    'Nehmen Sie ein kleineres Abbild, oder eine Aufteilung mit größeren Slots.',
  ],
  'write.source-undecodable': [
    'Ein Block von {source} lässt sich nicht entpacken; er wurde nicht geschrieben.',
    'Holen Sie das Abbild erneut.',
  ],
  'release.block-undecodable': [
    'Block {index} des Abbilds lässt sich nicht entpacken.',
    'Holen Sie das Abbild erneut.',
  ],
  'release.not-found': [
    'Die Datei {path} gibt es nicht.',
    'Prüfen Sie den Namen; zu einem Abbild gehören Prüfsumme und Signatur daneben.',
  ],
  'release.not-a-file': ['{path} ist keine Datei.', 'Wählen Sie die Abbilddatei selbst.'],
  'release.unreadable': [
    '{path} lässt sich nicht öffnen: {reason}.',
    'Vielleicht fehlt das Recht dazu; kopieren Sie die Datei sonst an einen anderen Ort.',
  ],
  'release.source-failed': [
    '{name} ließ sich ab Byte {offset} nicht lesen: {reason}.',
    'Prüfen Sie das Medium, auf dem das Abbild liegt, und starten Sie erneut.',
  ],
  'release.no-image': ['Das Abbild enthält nichts für {role}.', 'Nehmen Sie eines, das es enthält.'],
  'format.bundle-header': ['Der Kopf des Bündels ist falsch.', 'Holen Sie das Abbild erneut.'],
  'format.bundle-padding': ['Das Bündel ist bei Byte {offset} verändert.', 'Holen Sie das Abbild erneut.'],
  'format.manifest-version': [
    'Das Verzeichnis des Abbilds hat Format {found}; gelesen wird {expected}.',
    'Erneuern Sie Twinslot, oder bitten Sie um ein Abbild im älteren Format.',
  ],
  'format.manifest-invalid': [
    'Das Verzeichnis des Abbilds ist falsch ({where}); nichts davon wird benutzt.',
    'Bitten Sie den Hersteller um ein neu gemachtes Abbild.',
  ],
  'format.json-not-canonical': [
    'Das Verzeichnis des Abbilds wurde von Hand geändert oder umgeformt.',
    'Bitten Sie den Hersteller um ein neu gemachtes Abbild.',
  ],
  'format.sha256sum-line': [
    'Zeile {line} der Prüfsummendatei ist keine SHA-256-Prüfsumme.',
    'Bitten Sie den Hersteller um die Prüfsummendatei, die zu diesem Abbild gehört.',
  ],
  'format.sha256sum-missing': [
    'Die Prüfsummendatei nennt {expected} nicht.',
    'Bitten Sie den Hersteller um die Prüfsummendatei, die zu diesem Abbild gehört.',
  ],
  'format.sha256sum-ambiguous': [
    'Die Prüfsummendatei nennt für {expected} verschiedene Prüfsummen.',
    'Bitten Sie den Hersteller um die Prüfsummendatei, die zu diesem Abbild gehört.',
  ],
  'trust.signature-malformed': [
    'Die Signatur ist nicht lesbar.',
    'Bitten Sie den Hersteller um eine abgetrennte Signatur zum Abbild.',
  ],
  'trust.signature-inline': [
    'Das ist ein signierter Text, keine abgetrennte Signatur.',
    'Bitten Sie den Hersteller um eine abgetrennte Signatur zum Abbild.',
  ],
  'trust.signature-kind': [
    'Diese Art von Signatur wird nicht angenommen.',
    'Bitten Sie den Hersteller um eine abgetrennte Signatur zum Abbild.',
  ],
  'trust.signature-conflict': [
    'Von {count} Signaturen sind nicht alle gut.',
    'Alle müssen gut und von einem vertrauten Schlüssel sein. Entfernen Sie keine von Hand; fragen Sie den Hersteller.',
  ],
  'trust.key-invalid': [
    'Der Schlüssel {key} darf keine Abbilder signieren.',
    'Bitten Sie den Hersteller um einen gültigen öffentlichen Schlüssel.',
  ],
  'trust.weak-key': [
    'Der Schlüssel {key} ist zu schwach: {found}.',
    'Bitten Sie um ein Abbild, das mit einem starken Schlüssel signiert ist.',
  ],
  'trust.weak-hash': [
    'Die Signatur benutzt ein zu schwaches Verfahren: {found}.',
    'Bitten Sie den Hersteller, mit SHA-256 oder besser zu signieren.',
  ],
  'image.bad-facts': [
    'Was das Abbild in {path} von sich sagt, ist nicht lesbar.',
    'Bitten Sie den Hersteller um ein neu gemachtes Abbild.',
  ],
  'image.facts-differ': [
    'Das signierte Verzeichnis sagt {expected}, das Abbild selbst sagt {found}.',
    'Bitten Sie den Hersteller um ein neu gemachtes Abbild.',
  ],
  'image.no-kernel': [
    'Im Abbild fehlt ein brauchbarer Kernel ({path}).',
    'Bitten Sie den Hersteller um ein neu gemachtes Abbild.',
  ],
  'image.no-initrd': [
    'Im Abbild fehlt eine brauchbare Start-RAM-Disk ({path}).',
    'Bitten Sie den Hersteller um ein neu gemachtes Abbild.',
  ],
  'image.compression-unreadable': [
    'Das Abbild ist mit {found} komprimiert; das liest der Bootloader nicht.',
    'Bitten Sie den Hersteller um ein neu gemachtes Abbild.',
  ],
  'boot.no-loader': [
    'In den Boot-Dateien des Abbilds fehlt {file}; die Firmware fände nichts zu starten.',
    'Bitten Sie den Hersteller um ein neu gemachtes Abbild.',
  ],
  'boot.write-differs': [
    '{file} wurde geschrieben, kommt aber anders zurück.',
    'Der Datenträger behält nicht, was geschrieben wird: Tauschen Sie ihn.',
  ],
  'config.unreadable': ['{file} lässt sich nicht lesen: {reason}.', 'Prüfen Sie den Ordner und seine Rechte.'],
  'config.not-plain': [
    '{file} ist weder Datei noch Ordner und wird nicht nach /config kopiert.',
    'Lassen Sie sie weg, oder ersetzen Sie sie durch die Datei selbst.',
  ],
  'config.no-room': [
    'Die Dateien für /config brauchen {needed_bytes}; die Partition {name} hat Platz für {found_bytes}.',
    'Lassen Sie Dateien weg, oder nehmen Sie eine Aufteilung mit einer größeren Partition.',
  ],
  'config.too-large': [
    'Der Ordner {folder} enthält zu viel für eine Konfiguration.',
    'Wählen Sie den Ordner, der nur die Dateien für /config enthält.',
  ],
  'restore.encrypted': [
    'Die Partition {name} ist verschlüsselt; von hier ist sie weder zu lesen noch zu ersetzen.',
    'Stellen Sie sie auf der Appliance selbst wieder her.',
  ],
  'restore.unsound': [
    'Das Dateisystem der Partition {name} hat Fehler, über die nicht sicher zu schreiben ist.',
    'Sichern Sie, was wichtig ist, und stellen Sie das Gerät dann neu bereit; das löscht alles.',
  ],
  'restore.too-much-data': [
    'Die Partition enthält {found_bytes}; höchstens {expected_bytes} werden zur Sicherheit beiseite kopiert.',
    'Stellen Sie sie auf der Appliance selbst wieder her.',
  ],
  'restore.odd-name': [
    'Ein Name auf dem Datenträger in {directory} ist hier nicht zu gebrauchen.',
    'Entfernen oder ändern Sie ihn auf der Appliance.',
  ],
  'restore.secret': [
    '{file} ist geheim: Die Datei wird hier weder gezeigt noch geändert.',
    'Ändern Sie sie in dem Ordner, aus dem die Konfiguration kam, und öffnen Sie ihn erneut.',
  ],
  'restore.bad-file-name': [
    '{file} kann keine Datei von /config sein.',
    'Nehmen Sie einen Namen ohne besondere Zeichen.',
  ],
  'plan.boot-files-too-large': [
    'Die Boot-Dateien brauchen {needed_bytes}; auf die Boot-Partition passen {found_bytes}.',
    'Nehmen Sie ein Abbild mit weniger Boot-Dateien, oder eine Aufteilung mit größerer Boot-Partition.',
  ],
  'plan.config-missing-partition': [
    'Die Aufteilung {layout} hat keinen Platz für /config.',
    'Nehmen Sie eine andere Aufteilung, oder stellen Sie ohne Konfiguration bereit.',
  ],
  'plan.no-luks-key': [
    'Die Aufteilung verschlüsselt {label}; hier lässt sich kein Schlüssel angeben.',
    'Nehmen Sie eine Aufteilung ohne Verschlüsselung.',
  ],
  'tool.missing': ['Das Programm {tool} wird gebraucht und fehlt.', 'Installieren Sie es: {remedy}.'],
  'tool.failed': [
    'Das Programm {tool} endete mit einem Fehler: {stderr}',
    'Lesen Sie, was das Programm sagt; fehlt Platz oder ein Recht, schaffen Sie Abhilfe. Starten Sie dann erneut.',
  ],
  'tool.timeout': [
    'Das Programm {tool} wurde nach {seconds} Sekunden angehalten.',
    'Sehen Sie nach, ob der Rechner oder sein Datenträger überlastet ist, und starten Sie erneut.',
  ],
  'disk.no-inventory': [
    'Die Datenträger dieses Rechners lassen sich nicht auflisten: {reason}.',
    'Unter Linux müssen /proc und /sys eingehängt sein: Ohne sie gilt kein Datenträger als frei.',
  ],
  'job.journal-damaged': [
    'Das Journal {file} ist ab Zeile {line} nicht lesbar.',
    'Verschieben Sie die Datei, und starten Sie erneut; der Auftrag beginnt dann von vorn.',
  ],
  'job.journal-unusable': [
    'Das Journal {file} lässt sich nicht lesen oder schreiben; ohne es könnte ein unterbrochener Auftrag nicht weitergehen.',
    'Prüfen Sie Platz und Rechte seines Ordners.',
  ],
  'job.reports-unusable': [
    'Der Ordner {file} ist für Berichte nicht zu gebrauchen: Keiner lässt sich dort lesen oder aufbewahren.',
    'Prüfen Sie Platz und Rechte dieses Ordners; dann planen Sie noch einmal.',
  ],
  'report.station-key': [
    'Der Schlüssel der Station in {file} ist nicht zu gebrauchen.',
    'Holen Sie die Datei aus einer Sicherung zurück oder legen Sie sie beiseite: Dann entsteht ein neuer Schlüssel.',
  ],
  'report.malformed': [
    '{name} ist kein Zertifikat dieses Programms.',
    'Nehmen Sie die Datei, wie die Station sie gespeichert hat.',
  ],
  'report.signer-differs': [
    '{name} nennt einen anderen Unterzeichner ({expected}) als die Signatur ({found}).',
    'Verlassen Sie sich nicht darauf: Bitten Sie die Station erneut um Zertifikat und Signatur.',
  ],
  'release.bad-path': [
    '{path} führt zu keiner Datei: {reason}.',
    'Prüfen Sie den Namen und die Verknüpfungen auf dem Weg.',
  ],
}
