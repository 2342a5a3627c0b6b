// French: settings of the console.
import type { settingsEn } from './settings.en.ts'

export const settingsFr: Record<keyof typeof settingsEn, string> = {
  'settings.title': 'Réglages',
  'settings.description': 'Les changements valent aussitôt, dans chaque fenêtre de cette console.',
  'settings.appearance': 'Langue et apparence',
  'settings.language': 'Langue',
  'settings.languageSystem': 'Comme le système',
  'settings.theme': 'Thème',
  'settings.theme.system': 'Comme le système',
  'settings.theme.light': 'Clair',
  'settings.theme.dark': 'Sombre',
  'settings.followsSystem':
    'Le contraste, la réduction des animations et la taille du texte suivent les réglages de votre système.',
  'settings.work': 'Travail à l’établi',
  'settings.operator': 'Nom de l’opérateur',
  'settings.operatorText': 'Figure dans chaque certificat. Laissez vide si aucun nom ne doit être conservé.',
  'settings.operatorSaved': 'Enregistré.',
  'settings.sounds': 'Sons',
  'settings.soundsText':
    'Un son bref quand une unité est vérifiée ou a besoin de vous. Tout ce qui sonne est aussi affiché.',
  'settings.assistive': 'Je travaille avec une technologie d’assistance',
  'settings.assistiveText':
    'Démarrer est possible aussitôt au lieu d’après deux secondes. Le délai protège d’un second clic involontaire ; avec un lecteur d’écran ou un contacteur, il ne fait que gêner. La confirmation tapée demeure.',
  'settings.neverTouch': 'Liste à ne jamais toucher',
  'settings.neverTouchText':
    'Les disques portant ces numéros de série ne sont jamais écrits, quoi qu’on demande. Le programme qui écrit le contrôle lui-même.',
  'settings.neverTouchList': 'Numéros de série qui ne sont jamais écrits',
  'settings.neverTouchNone': 'La liste est vide.',
  'settings.serial': 'Numéro de série',
  'settings.serialText': 'Tel qu’il est imprimé sur le disque ou affiché sur l’établi.',
  'settings.addSerial': 'Ajouter à la liste',
  'settings.addFromBench': 'Ajouter depuis l’établi',
  'settings.serialEmpty': 'Tapez un numéro de série.',
  'settings.serialLong': 'Un numéro de série a au plus 64 caractères.',
  'settings.serialKnown': 'Ce numéro de série est déjà dans la liste.',
  'settings.listFull': 'La liste est pleine : elle contient 200 numéros de série.',
  'settings.removeSerial': 'Retirer {serial} de la liste',
  'settings.onBench': 'sur l’établi en ce moment',
  'settings.serialAdded': '{serial} est dans la liste.',
  'settings.serialRemoved': '{serial} n’est plus dans la liste.',
}
