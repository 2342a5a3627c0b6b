// French: refusals, warnings and failures that are met often. Short sentences; what to do comes second.
import type { ProblemTexts } from './problem-codes.ts'

export const problemsFr: ProblemTexts = {
  'disk.system': [
    'Cet ordinateur fonctionne depuis le disque {disk}.',
    'Choisissez-en un autre ; celui-ci n’est jamais écrit.',
  ],
  'disk.mounted': [
    'Le disque {disk} est monté : {found}.',
    'Éjectez-le dans le gestionnaire de fichiers et laissez-le branché.',
  ],
  'disk.in-use': [
    'Le disque {disk} est utilisé : {found}.',
    'Fermez ce qui l’utilise (LUKS, LVM, RAID, périphérique loop ou swap).',
  ],
  'disk.busy': [
    'Le disque {disk} est en cours d’utilisation.',
    'Démontez-le et fermez le programme qui l’utilise. Puis relancez.',
  ],
  'disk.read-only': [
    'Le disque {disk} ne peut qu’être lu.',
    'Cherchez le verrou de la carte ou de la clé, et voyez comment le disque est branché.',
  ],
  'disk.too-small': [
    'Le disque {disk} a {found_bytes} ; il en faut {needed_bytes}.',
    'Prenez un disque plus grand, ou une disposition avec de plus petites partitions.',
  ],
  'disk.sector-size': [
    'Le disque a des secteurs de {found} octets ; 512 et 4096 sont possibles.',
    'Prenez un autre disque, ou réglez celui-ci avec l’outil du fabricant.',
  ],
  'disk.no-permission': [
    'Le système ne permet pas l’accès à {disk}.',
    'Relancez et donnez votre accord quand il est demandé.',
  ],
  'disk.not-found': ['Il n’y a ni disque ni fichier d’image à {disk}.', 'Rebranchez-le.'],
  'disk.lost': [
    'Le disque {disk} a disparu.',
    'Contrôlez le câble et le port, puis relancez le travail : il continue et contrôle ce qui est déjà là.',
  ],
  'disk.full': [
    'La place a manqué pendant l’écriture de {disk}.',
    'Libérez de la place là où se trouve le fichier d’image. Puis relancez.',
  ],
  'disk.read-failed': [
    'La lecture de {disk} a échoué à l’octet {offset}.',
    'Prenez un autre câble ou un autre port. Si cela échoue au même endroit, le disque est usé : remplacez-le.',
  ],
  'disk.write-failed': [
    'L’écriture de {disk} a échoué à l’octet {offset}.',
    'Prenez un autre câble ou un autre port. Si cela échoue au même endroit, le disque est usé : remplacez-le.',
  ],
  'layout.disk-too-small': [
    'La disposition {layout} demande {needed_bytes} ; le disque a {found_bytes}.',
    'Prenez un disque plus grand, ou une disposition avec de plus petites partitions.',
  ],
  'runner.never-touch': [
    'Le disque de numéro de série {found} est sur la liste à ne jamais toucher.',
    'Choisissez-en un autre, ou retirez-le de la liste dans les réglages.',
  ],
  'runner.no-trust': [
    'Cet ordinateur n’a pas encore la liste des clés auxquelles le programme qui écrit se fie.',
    'Rien n’a été écrit. Un administrateur la donne une fois : sudo twinslot-guard trust < KEYS.asc',
  ],
  'disk.moved': [
    'Sous le nom {disk} ne se trouve plus ce qui a été ouvert.',
    'Ce qui s’y trouve maintenant est resté intact. Cherchez où le fichier est passé, puis relancez le travail.',
  ],
  'runner.not-started': [
    'Le programme qui écrit n’a pas pu être lancé.',
    'Rien n’a été écrit. Relancez et donnez votre accord ; si rien n’a été demandé, voyez l’administrateur de cet ordinateur.',
  ],
  'host.twin': [
    'Une autre unité annonce ici la même identité.',
    'Débranchez celle que vous voulez et rebranchez-la : elle est alors reconnue.',
  ],
  'host.usb-slow': [
    '{disk} est branché à {found} Mbit/s ; un port USB 3 en a {expected}.',
    'Prenez un port et un câble USB 3, ou comptez plus de temps.',
  ],
  'host.plan-gone': ['Ce plan n’attend plus de confirmation.', 'Planifiez de nouveau et confirmez le nouveau plan.'],
  'host.not-confirmed': [
    'Il est demandé « {expected} » ; « {found} » a été tapé.',
    'Comparez avec l’étiquette du disque et tapez de nouveau. Rien n’a été écrit.',
  ],
  'host.confirmed-early': [
    'Le départ a été donné trop tôt. La courte attente évite un départ par accident.',
    'Lisez ce qui sera effacé, puis démarrez. Rien n’a été écrit.',
  ],
  'host.guarded': [
    'Ce qui protège les disques n’a pas été modifié.',
    'Répondez à la question en dehors de la page : dans la boîte de l’application, ou dans le terminal où la console a été lancée. Sans l’un ni l’autre, la console prend des clés au démarrage.',
  ],
  'host.declined': [
    'La question « Commencer l’écriture ? » a reçu la réponse Annuler.',
    'Rien n’a été écrit. Confirmez le plan de nouveau quand il est juste.',
  ],
  'host.unknown-token': [
    'Ce que vous aviez choisi n’existe plus.',
    'Il a été retiré ou débranché entre-temps : choisissez de nouveau.',
  ],
  'host.check-running': [
    'La lecture est déjà en cours : {found} octets sur {expected} sont faits.',
    'Attendez la fin de ce contrôle, ou annulez-le.',
  ],
  'host.image-bad': [
    'L’image {name} n’a pas passé ses contrôles.',
    'La page « Images système » dit pourquoi. Importez-en une bonne.',
  ],
  'host.image-exists': [
    'La bibliothèque a déjà une image nommée {name}.',
    'Retirez d’abord celle-là, ou renommez le nouveau fichier.',
  ],
  'host.image-pinned': ['L’image {name} est épinglée.', 'Détachez-la avant de la retirer.'],
  'plan.not-ab-disk': [
    'Sur {disk}, il n’y a ni ESP ni slots A et B lisibles.',
    'S’il doit devenir un disque d’appliance, provisionnez-le.',
  ],
  'plan.only-slot': [
    'Le disque démarre du slot {slot}, et l’état du slot {other} est « {verdict} » : écrire maintenant ne laisserait rien à démarrer.',
    'Écrivez d’abord le slot {other}, laissez-le faire ses preuves, puis choisissez-le par défaut.',
  ],
  'plan.no-boot-files': [
    'L’image {release} n’apporte pas de fichiers de démarrage ; un nouveau disque ne pourrait pas démarrer.',
    'Choisissez en plus une image signée qui en a.',
  ],
  'plan.no-system-image': ['L’image {release} ne contient pas de système.', 'Choisissez une image avec un système.'],
  'plan.image-too-large': [
    'L’image a {imageSize_bytes} ; le slot {slot} contient {slotSize_bytes}.',
    'Prenez une image plus petite, ou une disposition avec de plus grands slots.',
  ],
  'plan.boot-product': [
    'Le système est pour le produit {system}, les fichiers de démarrage pour {boot}.',
    'Prenez les deux du même produit.',
  ],
  'plan.disk-changed': [
    'Le disque confirmé était {expected} ; à {path} se trouve maintenant {found}.',
    'Voyez quel disque est branché, puis planifiez et confirmez de nouveau.',
  ],
  'plan.changed': [
    'Juste avant la première écriture, le plan n’était plus celui qui fut confirmé.',
    'Le disque, l’image ou la demande a changé. Regardez le nouveau plan et confirmez-le.',
  ],
  'plan.nothing-to-repair': ['Il n’y a rien à réparer sur {disk}.', 'Il n’y a rien à faire.'],
  'slot.not-selectable': [
    'L’état du slot {slot} est « {verdict} » : seul un slot entièrement écrit peut être choisi.',
    'Écrivez-y d’abord une image, ou donnez une raison ; elle est notée.',
  ],
  'slot.last-good': [
    'Le slot {slot} ne peut pas être marqué mauvais : l’état du slot {other} est « {verdict} », il ne resterait rien à démarrer.',
    'Écrivez d’abord une image dans le slot {other}, ou donnez une raison ; elle est notée.',
  ],
  'release.older-counter': [
    'Le compteur installé est {expected} ; cette image a {found}, elle est donc plus ancienne.',
    'Prenez une image plus récente, ou autorisez celle-ci avec une raison ; elle est notée.',
  ],
  'release.minimum-version': [
    'La version installée est {found} ; cette image ne peut suivre que la version {expected} ou une plus récente.',
    'Installez d’abord la version {expected}.',
  ],
  'release.other-product': [
    'Ce disque contenait le produit {found} ; l’image est pour le produit {expected}.',
    'Vérifiez que c’est le bon appareil et la bonne image. Pour changer de produit volontairement, donnez une raison ; elle est consignée.',
  ],
  'release.wrong-product': [
    'L’image est pour le produit {found} ; il faut {expected}.',
    'Choisissez l’image pour {expected}.',
  ],
  'release.wrong-hardware': [
    'L’image est pour {found} ; cette machine est {expected}.',
    'Choisissez une image pour ce matériel.',
  ],
  'release.expired': [
    'L’image a expiré le {expired}.',
    'Prenez-en une plus récente, et contrôlez la date et l’heure de cet ordinateur.',
  ],
  'release.from-future': [
    'L’image date du {created}, donc d’après maintenant.',
    'Contrôlez la date et l’heure de cet ordinateur.',
  ],
  'format.bundle-truncated': [
    'Le fichier de la version est incomplet : il a {found} octets, il en faut {expected}.',
    'Téléchargez l’image de nouveau ; la copie fut interrompue.',
  ],
  'format.bundle-trailing': [
    'Le fichier de la version continue après sa fin : il faut {expected} octets, il en a {found}.',
    'Téléchargez l’image de nouveau ; quelque chose y fut ajouté.',
  ],
  'format.bundle-magic': [
    'Ce fichier n’est pas une version : il commence par {found} au lieu de {expected}.',
    'Choisissez le fichier de la version lui-même ; un .img a besoin de ses .sha256 et .asc à côté.',
  ],
  'release.empty': ['{path} est vide (0 octet).', 'Téléchargez l’image encore une fois.'],
  'write.source-mismatch': [
    'L’image est abîmée ou modifiée : le bloc {block} de {source} n’est pas celui qui fut signé. Ce bloc ne fut écrit nulle part.',
    'Demandez l’image de nouveau à son fabricant et importez celle-là.',
  ],
  'release.block-mismatch': [
    'L’image est abîmée ou modifiée : le bloc {index} de {role} n’est pas celui qui fut signé.',
    'Téléchargez l’image de nouveau.',
  ],
  'release.image-mismatch': [
    'L’image se contredit : l’empreinte de {role} n’est pas celle qui est annoncée.',
    'Son fabricant doit la reconstruire.',
  ],
  'release.checksum-mismatch': [
    'L’empreinte de {name} est fausse.',
    'Téléchargez l’image de nouveau ; elle est abîmée ou d’une autre version.',
  ],
  'release.checksum-missing': [
    'Le fichier d’empreinte {path} manque.',
    'Placez-le à côté de l’image ; sans lui rien n’est écrit.',
  ],
  'release.truncated': ['{name} est incomplet.', 'Téléchargez l’image de nouveau ; la copie s’est arrêtée trop tôt.'],
  'trust.unknown-key': [
    'La signature vient de la clé {key}, absente de votre liste de confiance.',
    'Si vous lui faites confiance, importez-la sous « Confiance » ; comparez d’abord toute l’empreinte par un autre moyen.',
  ],
  'trust.key-expired': [
    'La clé {key} a expiré le {expired}.',
    'Demandez au fabricant la clé renouvelée ou une image signée de nouveau. Contrôlez aussi l’horloge ici.',
  ],
  'trust.key-revoked': [
    'La clé {key} a été révoquée par son propriétaire.',
    'N’utilisez pas cette image. Demandez au fabricant une image signée de nouveau.',
  ],
  'trust.signature-expired': [
    'La signature était valable jusqu’au {expired}.',
    'Demandez une image signée de nouveau, et contrôlez la date et l’heure de cet ordinateur.',
  ],
  'trust.signature-future': [
    'La signature date du {signedAt}, donc d’après maintenant.',
    'Contrôlez la date et l’heure de cet ordinateur.',
  ],
  'trust.signature-missing': [
    'La signature manque : {name} n’est pas là ou est vide.',
    'Prenez la signature qui va avec l’image ; sans elle rien n’est écrit.',
  ],
  'trust.wrong-data': [
    'La signature de {key} ne correspond pas à {name} : le fichier a été modifié, est abîmé ou est un autre.',
    'Téléchargez l’image et sa signature de nouveau. Si cela échoue encore, n’utilisez pas l’image.',
  ],
  'job.cancelled': ['Le travail a été annulé.', 'Relancez-le : il continue et contrôle ce qui est déjà là.'],
}
