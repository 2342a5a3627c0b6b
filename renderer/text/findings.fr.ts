// French: what the host found, one message per kind.
import type { Findings } from './findings.en.ts'

export const findingsFr: Findings = {
  'problem.heldBy': 'Utilisé par : {holder}',
  'layout.hp-t640': 'Appliance HP T640 : ESP 512 Mo, slots A et B de 2 Go, le reste pour les données (avec /config)',
  'layout.hypernet-server':
    'Serveur Hypernet : ESP 512 Mo, slots A et B de 25 Go, configuration, données, médias, journaux et cache',
  'summary.slot': '{slot} : {state}',
  'summary.slotVersion': '{slot} : {version}, {state}',
  'summary.mbr': 'table de partitions MBR',
  'summary.unknown': 'contenu de nature inconnue',
  'fallback.boot-failed':
    '{time} : le slot {slot} ({held, select, version {{version}} other {version inconnue}}) n’a pas démarré, {boots, plural, one {# démarrage compté} other {# démarrages comptés}}',
  'fallback.unhealthy':
    '{time} : le slot {slot} ({held, select, version {{version}} other {version inconnue}}) a échoué à son contrôle, {boots, plural, one {# démarrage compté} other {# démarrages comptés}}',
  'fallback.unloadable':
    '{time} : le slot {slot} ({held, select, version {{version}} other {version inconnue}}) n’a pas pu être chargé, {boots, plural, one {# démarrage compté} other {# démarrages comptés}}',
  'fallback.gate-failed':
    '{time} : le contrôle du slot {slot} ({held, select, version {{version}} other {version inconnue}}) n’a pas pu faire son travail, {boots, plural, one {# démarrage compté} other {# démarrages comptés}}',
  'fallback.operator':
    '{time} : quelqu’un a quitté le slot {slot} ({held, select, version {{version}} other {version inconnue}}), {boots, plural, one {# démarrage compté} other {# démarrages comptés}}',
  'override.slot-default': '{time}, {by} : slot {slot} choisi par défaut. Raison : {reason}',
  'override.slot-once': '{time}, {by} : slot {slot} choisi pour un démarrage. Raison : {reason}',
  'override.slot-good': '{time}, {by} : slot {slot} marqué bon. Raison : {reason}',
  'override.slot-bad': '{time}, {by} : slot {slot} marqué mauvais. Raison : {reason}',
  'override.slot-reset': '{time}, {by} : essais du slot {slot} remis à zéro. Raison : {reason}',
  'override.older-release':
    '{time}, {by} : le slot {slot} a reçu une version plus ancienne, compteur {found, number} au lieu de {known, number}. Raison : {reason}',
  'override.as-written': '{time}, {by} : slot {slot}, {title}. Raison : {reason}',
  'selftest.node': 'Node {node} sur {system}.',
  'selftest.node-needed': 'Il faut Node {least, number} ou plus récent.',
  'selftest.runner': 'Un programme d’écriture a été lancé et a répondu.',
  'selftest.disks': '{count, number} sur l’établi, {hidden, number} masqués.',
  'selftest.root': 'Cette console tourne en root ; c’est plus qu’il ne lui faut.',
  'selftest.no-disk': 'Aucun disque branché ; les fichiers d’image disque ne demandent aucun droit.',
  'selftest.all-writable':
    '{count, plural, one {Cet utilisateur peut écrire le disque.} other {Cet utilisateur peut écrire les # disques.}}',
  'selftest.consent-each': '{count, number} disques sur {total, number} demandent un accord à chaque travail.',
  'selftest.consent-root': 'Pas nécessaire : cette console tourne en root.',
  'selftest.consent-dialog': 'Le système demande lui-même avant l’écriture d’un disque.',
  'selftest.no-pkexec': 'pkexec n’est pas installé : les disques d’autres utilisateurs ne peuvent pas être écrits.',
  'selftest.agent': 'pkexec est là, et {agent} peut demander.',
  'selftest.no-agent': 'pkexec est là, mais aucun agent polkit n’a été vu : personne ne pourra peut-être répondre.',
  'selftest.tools': 'Tous les programmes sont là : {tools}.',
  'selftest.tool-missing': '{tool} manque ({remedy}).',
  'selftest.tool-missing-for':
    '{tool} manque, pour {use, select, xfs {les dispositions avec XFS} encryption {les dispositions chiffrées} other {restaurer /config}} ({remedy}).',
  'selftest.space': '{size} libres dans le dossier de données.',
  'selftest.space-low': 'Images et rapports ne pourront peut-être pas être enregistrés.',
  'selftest.clock': '{time} ({zone}).',
  'selftest.clock-behind': 'L’horloge retarde : une image de la bibliothèque date du {time}.',
  'selftest.clock-unknown': 'On ne sait pas si un service la règle.',
  'selftest.clock-kept': 'Un service la règle.',
  'selftest.clock-not-kept': 'Aucun service ne la règle.',
  'selftest.usb-unseen': 'Ce système ne montre pas la vitesse des ports USB.',
  'selftest.usb-none': 'Aucun contrôleur USB n’a été vu.',
  'selftest.usb-fastest': 'Le contrôleur le plus rapide a {speed, number} Mbit/s.',
  'selftest.usb-slow': 'Lent : {path} avec {speed, number} Mbit/s.',
  'selftest.usb-no-3': 'Il n’y a pas d’USB 3.',
}
