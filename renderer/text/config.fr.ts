// French: config drafts and their restore.
import type { configEn } from './config.en.ts'

export const configFr: Record<keyof typeof configEn, string> = {
  'config.description': 'Ouvrir une configuration, la modifier et l’écrire sur une unité.',
  'config.from': 'Brouillon de {from}',
  'config.none': 'Aucune configuration ouverte',
  'config.noneText':
    'Ouvrez un dossier, ou lisez le /config d’une unité. Vous modifiez une copie ; rien n’est écrit avant votre confirmation.',
  'config.openFolder': 'Ouvrir un dossier …',
  'config.openUnit': 'Lire depuis une unité',
  'config.unitOption': '/config de {name}',
  'config.chooseFolder': 'Choisir un dossier',
  'config.noFolder': 'Aucun dossier à choisir. Placez-le dans le dossier de la console prévu pour les configurations.',
  'config.notOpened': 'La configuration n’a pas pu être ouverte',
  'config.files': 'Fichiers',
  'config.chooseFile': 'Choisissez un fichier.',
  'config.secret': 'secret, masqué',
  'config.secretTitle': 'Ce fichier est secret',
  'config.secretText':
    'Il reste tel quel ({size}) et n’est ni affiché ni modifié ici. Modifiez-le dans son dossier d’origine, puis rouvrez ce dossier.',
  'config.binary': 'Ce fichier n’est pas du texte ({size}). Il reste tel quel.',
  'config.checking': 'Pas encore contrôlé …',
  'config.kept': 'Gardé dans le brouillon',
  'config.notKept': 'La modification n’a pas été gardée',
  'config.tabHint': 'Tab quitte l’éditeur.',
  'config.validation': 'Contrôle',
  'config.valid': 'Aucune erreur trouvée.',
  'config.mistakes': '{count, plural, =0 {aucune erreur} one {# erreur} other {# erreurs}}',
  'config.fileLine': '{file}, ligne {line, number}',
  'config.toProvision':
    '{count, plural, one {L’utiliser pour provisionner # unité choisie} other {L’utiliser pour provisionner # unités choisies}}',
  'config.restoreText':
    'Remplace tous les fichiers de /config de l’unité par ce brouillon. Les slots et les données sont conservés.',
  'config.withMistakes': '{count, plural, one {Restaurer malgré # erreur} other {Restaurer malgré # erreurs}}',
  'config.restoreUnit': 'Unité à restaurer',
  'config.chooseUnit': 'Choisir une unité',
  'config.unitSize': '{name} – {size}',
  'config.unitBusy': 'Un travail est en cours sur cette unité.',
  'config.obstacle.no-draft': 'Ouvrez d’abord une configuration.',
  'config.obstacle.unsaved': 'La dernière modification est encore en cours de contrôle.',
  'config.obstacle.mistakes': 'Corrigez ou acceptez d’abord les erreurs.',
  'config.obstacle.no-unit': 'Choisissez d’abord l’unité.',
}
