// French: what a look finds on a disk, its repairs, and refusals of images, config and keys. Short; what to do comes second.
import type { FurtherTexts } from './problem-codes.ts'

const SELECT = 'Choisissez sous « Slots et secours » ce qui démarre : cela le réécrit.'
const REWRITE = 'Réécrivez un slot avec « Réparer les slots ».'
const CHOOSE =
  'Ouvrez l’unité sous « Slots et secours » : les deux côtés y figurent avec ce que l’on perdrait. Choisissez celui qui reste.'
const TABLE =
  'Ouvrez l’unité sous « Slots et secours » : la réparation y est proposée quand il y en a une. Provisionner de nouveau efface tout.'
const PROVISION = 'Provisionnez l’unité de nouveau ; cela efface tout.'
const BAD_DISK = 'N’utilisez pas ce disque. Prenez-en un autre.'
const FETCH = 'Récupérez l’image de nouveau.'
const KEY = 'Demandez la clé publique, en fichier texte, à qui détient la clé.'

export const furtherFr: FurtherTexts = {
  'boot.ab-state-missing': ['Le fichier {file}, qui choisit le slot, manque ; le dernier bon démarre.', SELECT],
  'boot.ab-state-damaged': ['Le fichier {file}, qui choisit le slot, contient {found} ; le chargeur l’ignore.', SELECT],
  'boot.env-damaged': ['Le bloc de démarrage {file} est endommagé.', SELECT],
  'boot.env-lost': [
    'Aucun des deux blocs de démarrage ne compte ; seule la note du bon slot dit ce qui peut démarrer.',
    'Marquez comme bon, sous « Slots et secours », le slot qui fonctionne : cela réécrit les deux.',
  ],
  'boot.env-value': ['Dans le bloc de démarrage, {name} vaut {found} ; c’est ignoré.', SELECT],
  'repair.no-loader': [
    'Le chargeur {file} manque ou est vide ; le micrologiciel ne trouve rien à démarrer.',
    'Remettez-le depuis une image avec fichiers de démarrage : la réparation est à côté.',
  ],
  'repair.env-copies-differ': [
    'Le bloc de démarrage {file} et sa copie {copy} ne disent pas la même chose ; le premier compte.',
    'Réparez le démarrage : le bouton est à côté.',
  ],
  'repair.slot-content': [
    'Le slot {slot} ne contient pas ce qui est inscrit pour lui.',
    'Faites-le identifier avec la réparation à côté, avec une image à comparer.',
  ],
  'repair.both-bad': [
    'Aucun slot n’est bon : A est {wordA}, B est {wordB}.',
    'Faites lire les deux avec la réparation à côté, ou réécrivez-en un avec « Réparer les slots ».',
  ],
  'repair.no-candidate': [
    'Aucun slot ne peut être dit bon : aucun n’est inscrit comme entièrement écrit (A : {wordA}, B : {wordB}).',
    'Réparez d’abord le registre des slots avec l’image qui fut écrite, ou réécrivez un slot.',
  ],
  'repair.no-intact-slot': ['Aucun slot ne contient encore ce qui y fut écrit.', REWRITE],
  'repair.no-release': [
    'Un chargeur ne revient que d’une image signée, et aucune n’est choisie.',
    'Choisissez une image avec fichiers de démarrage.',
  ],
  'slot.record-copy-damaged': [
    'L’une des deux copies du registre des slots est endommagée ; l’autre sert.',
    'Rien n’est perdu ; le prochain changement d’un slot la réécrit.',
  ],
  'slot.record-lost': [
    'Le registre des slots {file} est illisible : le contenu des slots n’est pas connu.',
    'Réécrivez les slots avec « Réparer les slots », ou faites-les identifier avec la réparation à côté.',
  ],
  'slot.content-differs': [
    'Le slot {slot} diffère de ce qui fut écrit.',
    'Il fut modifié, ou le disque faiblit. Réécrivez-le avec « Réparer les slots ».',
  ],
  'gpt.sides-disagree': ['Les deux tables de partitions sont entières mais différentes.', CHOOSE],
  'plan.choose-table-side': [
    'Sur {disk}, les deux tables de partitions sont entières mais différentes : une personne doit choisir.',
    CHOOSE,
  ],
  'plan.table-side-damaged': [
    'La table de partitions choisie de {disk} n’est pas entière ; rien ne peut être écrit d’après elle.',
    TABLE,
  ],
  'gpt.no-signature': ['Au secteur {lba}, où commence l’une des deux tables de partitions, il n’y en a pas.', TABLE],
  'gpt.header-crc': [
    'L’en-tête de l’une des deux tables de partitions est endommagé : sa somme de contrôle est fausse.',
    TABLE,
  ],
  'gpt.entries-crc': [
    'Les entrées de l’une des deux tables de partitions sont endommagées : leur somme de contrôle est fausse.',
    TABLE,
  ],
  'gpt.backup-misplaced': [
    'La table de secours devrait être au secteur {expected}, elle est au {found} : le disque ou le fichier a changé de taille.',
    PROVISION,
  ],
  'gpt.disk-shrunk': [
    'La table de partitions est faite pour {expected} secteurs ; il n’y en a que {found}.',
    'Le disque est plus petit que l’original, ou la copie fut coupée. Copiez de nouveau sur un disque assez grand.',
  ],
  'gpt.other-sector-size': [
    'La table de partitions est faite pour des secteurs de {expected} octets ; ce disque en montre de {found}.',
    'Branchez-le comme au partitionnement (autre adaptateur, ou aucun).',
  ],
  'gpt.no-table': [
    'Il n’y a pas de table de partitions, ni au début ni à la fin.',
    'Rien ne peut en être reconstruit. Provisionner en fait une neuve et efface tout.',
  ],
  'gpt.mbr-missing': [
    'Le MBR de protection manque au secteur 0 ; d’autres systèmes pourraient croire le disque vide.',
    TABLE,
  ],
  'gpt.mbr-foreign': ['Le secteur 0 porte la table de partitions d’un autre système (type 0x{found}).', TABLE],
  'gpt.mbr-hybrid': ['Le secteur 0 porte un MBR hybride : outre l’entrée de protection, une de type 0x{found}.', TABLE],
  'gpt.unrepairable': [
    'On ne peut se fier à aucune des deux tables de partitions.',
    'Rien ne peut en être reconstruit. Provisionner de nouveau efface tout.',
  ],
  'fat.not-fat32': ['La partition de démarrage n’a pas de système de fichiers FAT32.', PROVISION],
  'fat.damaged': ['Le système de fichiers de la partition de démarrage est endommagé.', PROVISION],
  'disk.system-refused': [
    'Le système a refusé une opération sur {disk} : {reason}.',
    'Cela ne dit rien du disque lui-même. Supprimez la cause et recommencez.',
  ],
  'disk.file-exists': [
    'Le fichier {disk} existe déjà.',
    'Choisissez un autre nom, ou ajoutez le fichier existant à l’établi.',
  ],
  'write.verify-failed': ['À partir de l’octet {offset}, le disque rend autre chose que ce qui fut écrit.', BAD_DISK],
  'write.lost-afterwards': [
    'Le disque ne garde pas ce qui y est écrit : il a moins de place qu’il ne l’annonce.',
    BAD_DISK,
  ],
  'runner.died': [
    'Le programme qui écrit s’est terminé sans un mot ({reason}).',
    'Le disque est peut-être écrit en partie : relancez la même tâche, elle reprend où elle s’est arrêtée.',
  ],
  'runner.closed': [
    'Le programme qui écrit ne prend plus d’unité ({reason}).',
    'Rien n’a été écrit. Relancez la tâche ; un nouveau programme s’en charge.',
  ],
  'runner.off-plan': [
    'Le plan confirmé n’est pas celui qui devait être exécuté.',
    'Regardez le plan et confirmez-le de nouveau.',
  ],
  'host.config-one-unit': [
    'Une configuration appartient à une unité ; {found} sont choisies.',
    'Choisissez une unité, ou provisionnez celles-ci sans configuration. Rien n’a été écrit.',
  ],
  'release.older-version': [
    'L’image est en version {found}, plus ancienne que {expected} sur le disque.',
    'Prenez-en une plus récente, ou autorisez l’ancienne avec une raison ; elle est consignée.',
  ],
  'release.no-version': [
    'L’image ne dit pas sa version ; le disque avait {expected}.',
    'Prenez-en une qui dit sa version, ou autorisez celle-ci avec une raison ; elle est consignée.',
  ],
  'release.compressed': [
    '{path} est comprimé ; un slot ne prend que l’image elle-même.',
    'Demandez au fabricant l’image non comprimée avec sa signature, ou un paquet.',
  ],
  'image.not-squashfs': [
    'L’image n’est pas une image système (ni squashfs ni ext4).',
    'Prenez le système de fichiers racine de l’appliance, ni un ISO, ni un disque entier, ni une archive.',
  ],
  'image.truncated': ['L’image annonce {expected} octets, il n’y en a que {found}.', FETCH],
  'image.damaged': ['L’image système est endommagée.', FETCH],
  'image.layout-mismatch': [
    'L’image est faite pour {image} et a {found} ; {disk} a {expected}.',
    'Prenez une image faite pour ce partitionnement, ou le partitionnement de l’image.',
  ],
  'restore.no-place': ['{disk} n’a pas de place pour /config.', PROVISION],
  'restore.nothing': [
    '{from} ne contient aucun fichier pour /config.',
    'Choisissez le dossier qui contient les fichiers eux-mêmes.',
  ],
  'config.bad-name': [
    '{file} ne peut pas être dans /config : le nom n’est pas possible.',
    'Renommez le fichier, ou laissez-le de côté.',
  ],
  'config.changed': [
    '{file} a été modifié depuis le plan.',
    'Ne touchez pas au dossier pendant l’écriture ; planifiez et confirmez de nouveau.',
  ],
  'settings.not-saved': [
    '{file} n’a pas pu être enregistré ; le fichier est comme avant.',
    'Vérifiez la place et les droits de son dossier.',
  ],
  'trust.keyring-malformed': ['Le fichier de clé ne peut être lu comme clé OpenPGP.', KEY],
  'trust.keyring-empty': ['Le fichier de clé ne contient aucune clé.', KEY],
  'trust.keyring-secret': [
    'Le fichier de clé contient une clé secrète ; elle n’a rien à faire ici.',
    'Elle reste là où elle signe. Demandez la clé publique à qui la détient.',
  ],
  'trust.keyring-partly': ['{count} des clés ont été lues et sont maintenant de confiance ; d’autres non.', KEY],
  'write.image-too-large': [
    'L’image a {imageSize_bytes} ; sa place en contient {slotSize_bytes}.',
    'Prenez une image plus petite, ou un partitionnement à slots plus grands.',
  ],
  'write.source-undecodable': [
    'Un bloc de {source} ne peut être décomprimé ; il n’a pas été écrit.',
    'Récupérez l’image de nouveau.',
  ],
  'release.block-undecodable': ['Le bloc {index} de l’image ne peut être décomprimé.', 'Récupérez l’image de nouveau.'],
  'release.not-found': [
    'Le fichier {path} n’existe pas.',
    'Vérifiez le nom ; une image va avec sa somme de contrôle et sa signature à côté.',
  ],
  'release.not-a-file': ['{path} n’est pas un fichier.', 'Choisissez le fichier image lui-même.'],
  'release.unreadable': [
    '{path} ne peut être ouvert : {reason}.',
    'Le droit manque peut-être ; sinon, copiez le fichier ailleurs.',
  ],
  'release.source-failed': [
    '{name} n’a pu être lu à partir de l’octet {offset} : {reason}.',
    'Vérifiez le support de l’image, puis recommencez.',
  ],
  'release.no-image': ['L’image ne contient rien pour {role}.', 'Prenez-en une qui le contient.'],
  'format.bundle-header': ['L’en-tête du paquet est faux.', 'Récupérez l’image de nouveau.'],
  'format.bundle-padding': ['Le paquet est modifié à l’octet {offset}.', 'Récupérez l’image de nouveau.'],
  'format.manifest-version': [
    'Le manifeste de l’image est au format {found} ; le format lu est {expected}.',
    'Mettez Twinslot à jour, ou demandez une image à l’ancien format.',
  ],
  'format.manifest-invalid': [
    'Le manifeste de l’image est faux ({where}) ; rien n’en est utilisé.',
    'Demandez au fabricant une image refaite.',
  ],
  'format.json-not-canonical': [
    'Le manifeste de l’image fut modifié à la main ou reformaté.',
    'Demandez au fabricant une image refaite.',
  ],
  'format.sha256sum-line': [
    'La ligne {line} du fichier de contrôle n’est pas une somme SHA-256.',
    'Demandez au fabricant le fichier de somme de contrôle de cette image.',
  ],
  'format.sha256sum-missing': [
    'Le fichier de contrôle ne nomme pas {expected}.',
    'Demandez au fabricant le fichier de somme de contrôle de cette image.',
  ],
  'format.sha256sum-ambiguous': [
    'Le fichier de contrôle donne plusieurs sommes pour {expected}.',
    'Demandez au fabricant le fichier de somme de contrôle de cette image.',
  ],
  'trust.signature-malformed': [
    'La signature est illisible.',
    'Demandez au fabricant une signature détachée de l’image.',
  ],
  'trust.signature-inline': [
    'C’est un texte signé, pas une signature détachée.',
    'Demandez au fabricant une signature détachée de l’image.',
  ],
  'trust.signature-kind': [
    'Cette sorte de signature n’est pas acceptée.',
    'Demandez au fabricant une signature détachée de l’image.',
  ],
  'trust.signature-conflict': [
    'Sur {count} signatures, toutes ne sont pas bonnes.',
    'Toutes doivent être bonnes et d’une clé de confiance. N’en ôtez aucune à la main ; demandez au fabricant.',
  ],
  'trust.key-invalid': [
    'La clé {key} n’a pas le droit de signer des images.',
    'Demandez au fabricant une clé publique valable.',
  ],
  'trust.weak-key': ['La clé {key} est trop faible : {found}.', 'Demandez une image signée par une clé forte.'],
  'trust.weak-hash': [
    'La signature utilise un procédé trop faible : {found}.',
    'Demandez au fabricant de signer avec SHA-256 ou mieux.',
  ],
  'image.bad-facts': [
    'Ce que l’image dit d’elle-même dans {path} est illisible.',
    'Demandez au fabricant une image refaite.',
  ],
  'image.facts-differ': [
    'Le manifeste signé dit {expected}, l’image elle-même dit {found}.',
    'Demandez au fabricant une image refaite.',
  ],
  'image.no-kernel': ['L’image n’a pas de noyau utilisable ({path}).', 'Demandez au fabricant une image refaite.'],
  'image.no-initrd': [
    'L’image n’a pas de disque mémoire de démarrage utilisable ({path}).',
    'Demandez au fabricant une image refaite.',
  ],
  'image.compression-unreadable': [
    'L’image est comprimée avec {found} ; le chargeur ne le lit pas.',
    'Demandez au fabricant une image refaite.',
  ],
  'boot.no-loader': [
    '{file} manque aux fichiers de démarrage de l’image ; le micrologiciel ne trouverait rien à démarrer.',
    'Demandez au fabricant une image refaite.',
  ],
  'boot.write-differs': [
    '{file} fut écrit, mais revient différent.',
    'Le disque ne garde pas ce qu’on y écrit : remplacez-le.',
  ],
  'config.unreadable': ['{file} ne peut être lu : {reason}.', 'Vérifiez le dossier et ses droits.'],
  'config.not-plain': [
    '{file} n’est ni un fichier ni un dossier et n’est pas copié dans /config.',
    'Laissez-le de côté, ou remplacez-le par le fichier lui-même.',
  ],
  'config.no-room': [
    'Les fichiers de /config demandent {needed_bytes} ; la partition {name} en contient {found_bytes}.',
    'Retirez des fichiers, ou prenez un partitionnement à partition plus grande.',
  ],
  'config.too-large': [
    'Le dossier {folder} contient trop pour une configuration.',
    'Choisissez le dossier qui ne contient que les fichiers de /config.',
  ],
  'restore.encrypted': [
    'La partition {name} est chiffrée ; d’ici, on ne peut ni la lire ni la remplacer.',
    'Restaurez-la sur l’appliance elle-même.',
  ],
  'restore.unsound': [
    'Le système de fichiers de la partition {name} a des erreurs ; y écrire n’est pas sûr.',
    'Sauvegardez ce qui compte, puis provisionnez l’unité de nouveau ; cela efface tout.',
  ],
  'restore.too-much-data': [
    'La partition contient {found_bytes} ; au plus {expected_bytes} sont copiés de côté par sûreté.',
    'Restaurez-la sur l’appliance elle-même.',
  ],
  'restore.odd-name': [
    'Un nom sur le disque, dans {directory}, n’est pas utilisable ici.',
    'Supprimez-le ou changez-le sur l’appliance.',
  ],
  'restore.secret': [
    '{file} est secret : il n’est ni montré ni modifié ici.',
    'Modifiez-le dans le dossier d’où vient la configuration, puis rouvrez ce dossier.',
  ],
  'restore.bad-file-name': [
    '{file} ne peut pas être un fichier de /config.',
    'Prenez un nom sans caractères particuliers.',
  ],
  'plan.boot-files-too-large': [
    'Les fichiers de démarrage demandent {needed_bytes} ; la partition de démarrage en contient {found_bytes}.',
    'Prenez une image avec moins de fichiers de démarrage, ou une partition de démarrage plus grande.',
  ],
  'plan.config-missing-partition': [
    'Le partitionnement {layout} n’a pas de place pour /config.',
    'Prenez un autre partitionnement, ou provisionnez sans configuration.',
  ],
  'plan.no-luks-key': [
    'Le partitionnement chiffre {label} ; on ne peut pas donner de clé ici.',
    'Prenez un partitionnement sans chiffrement.',
  ],
  'tool.missing': ['Le programme {tool} est nécessaire et manque.', 'Installez-le : {remedy}.'],
  'tool.failed': [
    'Le programme {tool} s’est terminé par une erreur : {stderr}',
    'Lisez ce que dit le programme ; s’il manque de la place ou un droit, remédiez-y, puis recommencez.',
  ],
  'tool.timeout': [
    'Le programme {tool} fut arrêté après {seconds} secondes.',
    'Voyez si l’ordinateur ou son disque est surchargé, puis recommencez.',
  ],
  'disk.no-inventory': [
    'Les disques de cet ordinateur ne peuvent être listés : {reason}.',
    'Sous Linux, /proc et /sys doivent être montés : sans eux, aucun disque n’est dit libre.',
  ],
  'job.journal-damaged': [
    'Le journal {file} est illisible à la ligne {line}.',
    'Déplacez le fichier et recommencez ; la tâche repart du début.',
  ],
  'job.journal-unusable': [
    'Le journal {file} ne peut être lu ou écrit ; sans lui, une tâche interrompue ne pourrait reprendre.',
    'Vérifiez la place et les droits de son dossier.',
  ],
  'job.reports-unusable': [
    'Le dossier {file} ne convient pas aux rapports : aucun ne peut y être lu ni conservé.',
    'Vérifiez la place et les droits de ce dossier, puis planifiez à nouveau.',
  ],
  'report.station-key': [
    'La clé de la station dans {file} est inutilisable.',
    'Restaurez le fichier depuis une sauvegarde, ou mettez-le de côté : une nouvelle clé est alors créée.',
  ],
  'report.malformed': [
    '{name} n’est pas un certificat de ce programme.',
    'Prenez le fichier tel que la station l’a enregistré.',
  ],
  'report.signer-differs': [
    '{name} nomme un autre signataire ({expected}) que la signature ({found}).',
    'Ne vous y fiez pas : redemandez à la station le certificat et sa signature.',
  ],
  'release.bad-path': ['{path} ne mène à aucun fichier : {reason}.', 'Vérifiez le nom et les liens sur son chemin.'],
}
