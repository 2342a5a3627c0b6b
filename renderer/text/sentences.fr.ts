// French: what a plan says, one message per kind.
import type { Sentences } from './sentences.en.ts'

export const sentencesFr: Sentences = {
  'plan.title.provision':
    'Disque {name} ({size}, {path}) : il sera effacé et provisionné avec {version} (disposition {layout}).',
  'plan.title.flash': 'Disque {name} ({size}, {path}) : le slot {slot} sera remplacé par {version}.',
  'plan.title.slot-default': 'Disque {name} ({size}, {path}) : le slot {slot} devient le slot par défaut.',
  'plan.title.slot-once': 'Disque {name} ({size}, {path}) : le slot {slot} démarre une fois.',
  'plan.title.slot-good': 'Disque {name} ({size}, {path}) : le slot {slot} est marqué bon.',
  'plan.title.slot-bad': 'Disque {name} ({size}, {path}) : le slot {slot} est marqué mauvais.',
  'plan.title.slot-reset': 'Disque {name} ({size}, {path}) : les essais du slot {slot} sont remis à zéro.',
  'plan.title.repair-table': 'Disque {name} ({size}, {path}) : sa table de partitions sera réparée.',
  'plan.title.repair-environment': 'Disque {name} ({size}, {path}) : son environnement de démarrage sera réparé.',
  'plan.title.repair-ab-state': 'Disque {name} ({size}, {path}) : le fichier qui choisit le slot sera réécrit.',
  'plan.title.repair-boot-loader': 'Disque {name} ({size}, {path}) : son chargeur de démarrage sera rétabli.',
  'plan.title.repair-slot-record': 'Disque {name} ({size}, {path}) : le registre de ses slots sera corrigé.',
  'plan.title.repair-both-bad': 'Disque {name} ({size}, {path}) : un slot intact aura une nouvelle chance.',
  'plan.title.restore':
    'Disque {name} ({size}, {path}) : /config sera remplacé par {files, plural, one {# fichier} other {# fichiers}}.',
  'plan.job.provision': 'Provisionnement avec {version} (disposition {layout})',
  'plan.job.flash': 'Écriture de {version} dans le slot {slot}',
  'plan.job.slot-default': 'Slot {slot} choisi par défaut',
  'plan.job.slot-once': 'Slot {slot} choisi pour un démarrage',
  'plan.job.slot-good': 'Slot {slot} confirmé bon',
  'plan.job.slot-bad': 'Slot {slot} marqué mauvais',
  'plan.job.slot-reset': 'Essais du slot {slot} remis à zéro',
  'plan.job.repair-table': 'Réparation de la table de partitions',
  'plan.job.repair-environment': 'Réparation de l’environnement de démarrage',
  'plan.job.repair-ab-state': 'Réparation du choix du slot',
  'plan.job.repair-boot-loader': 'Chargeur de démarrage rétabli',
  'plan.job.repair-slot-record': 'Correction du registre des slots',
  'plan.job.repair-both-bad': 'Nouvelle chance pour un slot intact',
  'plan.job.restore': 'Restauration de /config',
  'plan.erased.mbr-disk': 'un disque avec une table de partitions MBR',
  'plan.erased.unknown-content': 'un contenu de nature inconnue',
  'plan.erased.other-product': 'un appareil d’un autre produit : trouvé {found}, voulu {wanted}',
  'plan.erased.partition':
    'partition {number} « {name} » ({type, select, esp {système EFI} linux {Linux} other {autre}}, {size}{held, select, version {, version {version}} unnamed {, version inconnue} other {}})',
  'plan.erased.device-partition':
    '{node} « {name} » ({type, select, esp {système EFI} linux {Linux} other {autre}}, {size}{held, select, version {, version {version}} unnamed {, version inconnue} other {}})',
  'plan.erased.slot':
    'le slot {slot} ({held, select, version {version {version}} unnamed {version inconnue} empty {vide} incomplete {incomplet} other {inconnu}})',
  'plan.erased.config-partition': '/config, toute la partition {number} « {name} »',
  'plan.erased.config-files': 'les fichiers de /config dans la partition {number} « {name} »',
  'plan.kept.slot': 'le slot {slot}',
  'plan.kept.esp': 'la partition système EFI',
  'plan.kept.config-and-data': 'la configuration et les données',
  'plan.kept.both-slots': 'les deux slots',
  'plan.kept.boot-loader': 'le chargeur de démarrage',
  'plan.kept.boot-loader-and-environment': 'le chargeur de démarrage et son environnement',
  'plan.kept.slot-choice': 'le choix du slot qui démarre',
  'plan.kept.slots-and-boot': 'les deux slots et ce qui démarre',
  'plan.kept.other-partitions': 'toutes les autres partitions',
  'plan.kept.other-data': 'toutes les autres données',
  'plan.kept.partitions': 'chaque partition et son contenu',
  'plan.kept.everything': 'tout',
  'plan.step.wipe': 'Effacer les anciennes tables de partitions et signatures de systèmes de fichiers',
  'plan.step.write-slot': 'Écrire le slot {slot} : {size}, puis relire',
  'plan.step.write-slot-changed': 'Écrire le slot {slot} : {size}, puis relire (seulement les blocs différents)',
  'plan.step.make-filesystem':
    'Créer la partition {number} « {name} » : {filesystem}, {size}{files, plural, =0 {} one {, # fichier pour /config} other {, # fichiers pour /config}}',
  'plan.step.make-esp': 'Créer la partition système EFI : {size}, le slot {slot} démarre',
  'plan.step.probe-disk':
    'Placer des marques sur tout le disque et les relire : il doit être aussi grand qu’il l’annonce',
  'plan.step.check-disk': 'Relire les marques : elles ne doivent pas avoir changé pendant l’écriture du reste',
  'plan.step.write-table':
    'Écrire la table de partitions ({partitions, plural, one {# partition} other {# partitions}}), l’en-tête principal en dernier',
  'plan.step.table-from-primary': 'Récrire l’autre côté de la table de partitions à partir de la principale',
  'plan.step.table-from-backup': 'Récrire l’autre côté de la table de partitions à partir de la copie de secours',
  'plan.step.record-incomplete': 'Noter le slot {slot} comme incomplet',
  'plan.step.record-slot': 'Noter ce que contient le slot {slot}',
  'plan.step.check-slot': 'Contrôler le slot {slot} : lire {size} et comparer à l’empreinte notée',
  'plan.step.boot-once': 'Démarrer ensuite le slot {slot}, une fois, tant qu’il n’est pas confirmé',
  'plan.step.boot-trial':
    'Démarrer ensuite le slot {slot}, {tries, plural, one {# essai} other {# essais}} pour le confirmer',
  'plan.step.boot-good': 'Démarrer ensuite le slot {slot} (il est confirmé bon)',
  'plan.step.mark-good': 'Marquer le slot {slot} bon et le démarrer désormais',
  'plan.step.mark-bad': 'Marquer le slot {slot} mauvais',
  'plan.step.reset-tries': 'Effacer la marque d’échec et les essais du slot {slot}',
  'plan.step.write-selection': 'Écrire le fichier qui choisit le slot : {slot}, qui démarre de toute façon',
  'plan.step.write-environment':
    'Écrire les deux copies de l’environnement de démarrage : {good, select, none {aucun slot n’est bon} other {le slot {good} est bon}}',
  'plan.step.write-environment-copy':
    'Écrire la copie abîmée de l’environnement de démarrage : {good, select, none {aucun slot n’est bon} other {le slot {good} est bon}}',
  'plan.step.put-boot-files': 'Rétablir {files}',
  'plan.step.write-record': 'Réécrire le registre des slots',
  'plan.step.identify-slot': 'Lire le slot {slot} et noter ce qu’il contient',
  'plan.step.identify-slots': 'Lire le slot {first}, puis {second}, et noter ce qu’ils contiennent',
  'plan.step.revive-slot':
    'Lire le slot {slot} ; s’il est égal à son empreinte notée, il démarre ensuite, 3 essais pour le confirmer',
  'plan.step.revive-slots':
    'Lire le slot {first}, puis {second} ; le premier égal à son empreinte notée démarre ensuite, 3 essais pour le confirmer',
  'plan.step.keep-config': 'Copier les fichiers actuels de /config dans le dossier du journal',
  'plan.step.replace-files':
    'Remplacer les fichiers de /{directory} par {files, plural, one {# autre} other {# autres}} ; tout le reste demeure',
}
