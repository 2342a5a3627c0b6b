// French: the trust list.
import type { trustEn } from './trust.en.ts'

export const trustFr: Record<keyof typeof trustEn, string> = {
  'trust.title': 'Confiance',
  'trust.description':
    '{count, plural, =0 {Aucune clé n’est de confiance} one {# clé de confiance ; ce qu’elle a signé est accepté} other {# clés de confiance ; ce qu’elles ont signé est accepté}}',
  'trust.list': 'Clés de confiance',
  'trust.import': 'Importer des clés',
  'trust.emptyTitle': 'Aucune clé n’est encore de confiance',
  'trust.emptyText':
    'Seules les images signées par une clé de cette liste sont acceptées. Demandez la clé publique au fabricant, importez-la et comparez l’empreinte au téléphone.',
  'trust.fingerprint': 'Empreinte',
  'trust.created': 'Créée',
  'trust.expires': 'Expire',
  'trust.neverExpires': 'n’expire pas',
  'trust.algorithm': 'Algorithme',
  'trust.signed': 'A signé',
  'trust.signedImages':
    '{count, plural, =0 {aucune image de la bibliothèque} one {# image de la bibliothèque} other {# images de la bibliothèque}}',
  'trust.noName': 'Clé sans nom',
  'trust.state.usable': 'Utilisable',
  'trust.state.expired': 'Expirée',
  'trust.state.revoked': 'Révoquée',
  'trust.state.weak': 'Trop faible',
  'trust.why.expired':
    'Les nouvelles signatures de cette clé ne sont pas acceptées. Demandez au fabricant la clé renouvelée et importez-la.',
  'trust.why.revoked': 'Le titulaire a retiré cette clé. Rien de ce qu’elle signe n’est accepté.',
  'trust.why.weak':
    'Cette clé est trop courte, trop ancienne ou n’est pas faite pour signer. Rien de ce qu’elle signe n’est accepté.',
  'trust.importTitle': 'Importer des clés',
  'trust.importText':
    'Seules les clés publiques sont prises. Qui détient une telle clé décide de ce qui est écrit sur vos disques : comparez son empreinte avec le titulaire avant de vous en servir.',
  'trust.armored': 'Texte de la clé',
  'trust.armoredHint': 'Commence par -----BEGIN PGP PUBLIC KEY BLOCK-----',
  'trust.fromFile': 'Prendre dans un fichier',
  'trust.importNow': 'Importer',
  'trust.fileTooLarge': 'Ce fichier est trop grand pour une liste de clés.',
  'trust.fileUnreadable': 'Ce fichier n’est pas une clé sous forme de texte. Demandez la clé en texte (ASCII armor).',
  'trust.imported':
    '{count, plural, =0 {Aucune nouvelle clé : toutes étaient déjà dans la liste.} one {# clé ajoutée. Comparez son empreinte avant de vous en servir.} other {# clés ajoutées. Comparez leurs empreintes avant de vous en servir.}}',
  'trust.compare': 'Comparer',
  'trust.compareTitle': 'Comparer l’empreinte',
  'trust.compareText':
    'Appelez le titulaire à un numéro que vous connaissez déjà. L’un lit les groupes à voix haute, l’autre compare. Chaque caractère doit être le même.',
  'trust.compareGroup': 'Groupe {number, number} : {letters}',
  'trust.compareTyped': 'Ou tapez ce que le titulaire vous dicte',
  'trust.compareEqual': 'Identique. C’est la clé de la personne qui vous a donné l’empreinte.',
  'trust.compareSoFar':
    '{count, plural, one {Le premier caractère est identique jusqu’ici.} other {Les # premiers caractères sont identiques jusqu’ici.}}',
  'trust.compareDiffers':
    'Différence dans le groupe {group, number}. S’il n’y a pas de faute de frappe, n’utilisez pas cette clé.',
  'trust.compareTooLong': 'Plus de caractères que n’en a cette empreinte. Relisez le dernier groupe.',
  'trust.compareWay': 'Manière de comparer',
  'trust.compareLetters': 'Caractères',
  'trust.compareWords': 'Mots',
  'trust.compareCode': 'Code QR',
  'trust.compareWordsText':
    'La même empreinte en mots anglais, pour une ligne où les lettres se comprennent mal. Appelez le titulaire à un numéro que vous connaissez déjà. L’un lit les mots à voix haute, l’autre compare. Chaque mot doit être le même.',
  'trust.compareTypedWords': 'Ou tapez les mots que le titulaire vous dicte',
  'trust.compareSoFarWords':
    '{count, plural, =0 {Continuez.} one {Le premier mot est identique jusqu’ici.} other {Les # premiers mots sont identiques jusqu’ici.}}',
  'trust.compareWord.differs':
    'Le mot {place, number} (groupe {group, number}) est différent : « {word} ». S’il a été bien compris, n’utilisez pas cette clé.',
  'trust.compareWord.misplaced':
    'Le mot {place, number} (groupe {group, number}), « {word} », ne peut pas être à cette place : un mot a été oublié, répété ou interverti. Reprenez à partir de ce groupe.',
  'trust.compareWord.unknown':
    'Le mot {place, number} (groupe {group, number}), « {word} », n’est pas dans la liste de mots. Faites-le répéter.',
  'trust.compareTooManyWords': 'Plus de mots que n’en a cette empreinte. Relisez le dernier groupe.',
  'trust.compareCodeText':
    'Pour la personne à côté de vous : le code contient l’empreinte entière, sous la forme que lisent les programmes OpenPGP des téléphones. Comparez ce qu’ils affichent ; scanner ne suffit pas.',
  'trust.compareCodeLabel': 'Code QR de l’empreinte',
  'trust.removeTitle': 'Retirer la clé de {name} ?',
  'trust.removeLoses': 'Ce qui perd la confiance',
  'trust.removeNothing': 'Aucune image de la bibliothèque et aucun slot sur l’établi n’est signé par cette clé.',
  'trust.removeImage': 'Image {name} ({file}) : inutilisable désormais',
  'trust.removeSlots':
    '{count, plural, one {# slot sur l’établi est signé par elle. Il démarre toujours ; il ne peut seulement plus être contrôlé ici.} other {# slots sur l’établi sont signés par elle. Ils démarrent toujours ; ils ne peuvent seulement plus être contrôlés ici.}}',
  'trust.removeLast': 'C’est la dernière clé. Sans clé, aucune image ne peut être utilisée.',
}
