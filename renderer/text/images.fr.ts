// French: the library of images.
import type { imagesEn } from './images.en.ts'

export const imagesFr: Record<keyof typeof imagesEn, string> = {
  'images.title': 'Images système',
  'images.description':
    '{count, plural, =0 {Aucune image dans la bibliothèque} one {# image dans la bibliothèque} other {# images dans la bibliothèque}}',
  'images.list': 'Images de la bibliothèque',
  'images.import': 'Importer une image',
  'images.importTitle': 'Importer une image',
  'images.importChoices': 'Fichiers du dossier de la console',
  'images.importNone':
    'Le dossier « files » du dossier de données de la console ne contient aucune image. Déposez-y le fichier de la version, puis réessayez. Un triplet, ce sont trois fichiers : l’image et, à côté, le même nom suivi de .sha256 et de .asc.',
  'images.importText':
    'La signature, chaque octet et le format de l’image système sont contrôlés à l’ajout. Le fichier reste où il est ; la bibliothèque garde une copie.',
  'images.importBusy': 'Copie, puis lecture de chaque octet …',
  'images.importNow': 'Importer',
  'images.emptyTitle': 'Aucune image pour l’instant',
  'images.emptyText':
    'Importez la version que le fabricant vous a remise. Sa clé doit figurer sous « Confiance », sinon l’image n’est pas acceptée.',
  'images.toTrust': 'Aller à « Confiance »',
  'images.noKeys': 'Aucune clé n’est encore de confiance',
  'images.noKeysText':
    'Sans clé de confiance, aucune signature ne peut être contrôlée et aucune image utilisée. Importez la clé du fabricant sous « Confiance ».',
  'images.name': 'Fichier',
  'images.counter': 'Compteur de version',
  'images.built': 'Construite',
  'images.size': 'Taille',
  'images.kind': 'Forme',
  'images.kind.bundle': 'Paquet',
  'images.kind.triple': 'Triplet (image, empreinte, signature)',
  'images.hardware': 'Matériel',
  'images.hardwareAny': 'Tout matériel',
  'images.validUntil': 'Valable jusqu’au',
  'images.signer': 'Signée par',
  'images.keyExpires': 'Expiration de la clé',
  'images.keyNeverExpires': 'n’expire pas',
  'images.expired': 'expirée {when}',
  'images.signature': 'Signature',
  'images.signature.good': 'Bonne, d’une clé de confiance',
  'images.signature.none': 'Non acceptée',
  'images.boot': 'Fichiers de démarrage',
  'images.boot.yes': 'Contenus',
  'images.boot.no': 'Non contenus',
  'images.added': 'Dans la bibliothèque depuis',
  'images.unknown': 'inconnu',
  'images.state.checking': 'Contrôle en cours : chaque octet est lu',
  'images.state.trusted': 'Signature bonne',
  'images.state.verified': 'Vérifiée : chaque octet a été lu',
  'images.state.bad': 'Inutilisable',
  'images.pinned': 'Épinglée',
  'images.newest':
    'La plus récente connue sur {channel}, {days, plural, =0 {construite aujourd’hui} one {# jour} other {# jours}}',
  'images.newer': '{version} est plus récente sur {channel}',
  'images.verify': 'Vérifier maintenant',
  'images.pin': 'Épingler',
  'images.unpin': 'Détacher',
  'images.removeTitle': 'Retirer {name} de la bibliothèque ?',
  'images.removeText':
    'La copie de la bibliothèque est supprimée. Les disques qui ont été écrits avec elle restent tels quels.',
  'images.removePinned': 'Une image épinglée ne peut pas être retirée. Détachez-la d’abord.',
}
