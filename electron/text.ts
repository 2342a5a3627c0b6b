// What the desktop says in native boxes and notifications, in the console's five languages. State words and verbs are those
// of the renderer's catalogue. Holes are {n} and {title}.
import type { SettingsView } from '#contract/views.ts'

export type Language = Exclude<SettingsView['language'], 'system'>

const en = {
  'quit.message': 'A job is still running.',
  'quit.detail':
    'Quitting stops it at its next safe point. The disk stays incomplete and does not boot from what was being written; the same job can be started again later.',
  'quit.stay': 'Keep running',
  'quit.stop': 'Stop the job and quit',
  'consent.message': 'Start writing?',
  'consent.cancel': 'Cancel',
  'consent.start': 'Start',
  'guard.message': 'Change what guards the disks?',
  'guard.allow': 'Allow',
  'guard.trust': 'Releases that are signed by these keys become trusted:',
  'guard.untrust': 'This key becomes untrusted:',
  'guard.neverTouch': 'These disks are no longer protected:',
  'guard.assistive': 'Jobs start without the two seconds of waiting.',
  'news.failed': 'Failed: {title}',
  'news.asks': 'Needs you: {title}',
  'news.done': 'No unit is being worked on any more: {title}',
  'choose.image': 'Choose an image',
  'choose.virtual-disk': 'Choose a disk image file',
  'choose.config-folder': 'Choose a folder with a configuration',
} as const

type NativeText = keyof typeof en
export type Say = (key: NativeText, values?: Readonly<Record<string, string | number>>) => string
type Catalogue = Readonly<Record<NativeText, string>>

const de: Catalogue = {
  'quit.message': 'Ein Auftrag läuft noch.',
  'quit.detail':
    'Beenden hält ihn am nächsten sicheren Punkt an. Der Datenträger bleibt unvollständig und startet nicht von dem, was gerade geschrieben wurde; derselbe Auftrag kann später erneut gestartet werden.',
  'quit.stay': 'Weiterlaufen lassen',
  'quit.stop': 'Auftrag anhalten und beenden',
  'consent.message': 'Mit dem Schreiben beginnen?',
  'consent.cancel': 'Abbrechen',
  'consent.start': 'Starten',
  'guard.message': 'Ändern, was die Datenträger schützt?',
  'guard.allow': 'Erlauben',
  'guard.trust': 'Releases, die mit diesen Schlüsseln signiert sind, gelten künftig als vertrauenswürdig:',
  'guard.untrust': 'Diesem Schlüssel wird nicht mehr vertraut:',
  'guard.neverTouch': 'Diese Datenträger sind nicht mehr geschützt:',
  'guard.assistive': 'Aufträge starten ohne die zwei Sekunden Wartezeit.',
  'news.failed': 'Fehlgeschlagen: {title}',
  'news.asks': 'Braucht Sie: {title}',
  'news.done': 'An keinem Gerät wird mehr gearbeitet: {title}',
  'choose.image': 'Abbild auswählen',
  'choose.virtual-disk': 'Datei eines virtuellen Datenträgers auswählen',
  'choose.config-folder': 'Ordner mit einer Konfiguration auswählen',
}

const fr: Catalogue = {
  'quit.message': 'Un travail est encore en cours.',
  'quit.detail':
    'Quitter l’arrête au prochain point sûr. Le disque reste incomplet et ne démarre pas à partir de ce qui était en cours d’écriture ; le même travail peut être relancé plus tard.',
  'quit.stay': 'Continuer',
  'quit.stop': 'Arrêter le travail et quitter',
  'consent.message': 'Commencer l’écriture ?',
  'consent.cancel': 'Annuler',
  'consent.start': 'Démarrer',
  'guard.message': 'Modifier ce qui protège les disques ?',
  'guard.allow': 'Autoriser',
  'guard.trust': 'Les versions signées par ces clés deviennent fiables :',
  'guard.untrust': 'Cette clé n’est plus fiable :',
  'guard.neverTouch': 'Ces disques ne sont plus protégés :',
  'guard.assistive': 'Les travaux démarrent sans les deux secondes d’attente.',
  'news.failed': 'Échec : {title}',
  'news.asks': 'A besoin de vous : {title}',
  'news.done': 'Plus aucune unité n’est en cours : {title}',
  'choose.image': 'Choisir une image',
  'choose.virtual-disk': 'Choisir un fichier d’image disque',
  'choose.config-folder': 'Choisir un dossier de configuration',
}

const es: Catalogue = {
  'quit.message': 'Todavía hay un trabajo en curso.',
  'quit.detail':
    'Al salir se detiene en el siguiente punto seguro. El disco queda incompleto y no arranca desde lo que se estaba escribiendo; el mismo trabajo se puede iniciar de nuevo más tarde.',
  'quit.stay': 'Seguir',
  'quit.stop': 'Detener el trabajo y salir',
  'consent.message': '¿Empezar a escribir?',
  'consent.cancel': 'Cancelar',
  'consent.start': 'Iniciar',
  'guard.message': '¿Cambiar lo que protege los discos?',
  'guard.allow': 'Permitir',
  'guard.trust': 'Las versiones firmadas con estas claves pasan a ser de confianza:',
  'guard.untrust': 'Esta clave deja de ser de confianza:',
  'guard.neverTouch': 'Estos discos dejan de estar protegidos:',
  'guard.assistive': 'Los trabajos empiezan sin los dos segundos de espera.',
  'news.failed': 'Error: {title}',
  'news.asks': 'Le necesita: {title}',
  'news.done': 'Ya no se trabaja en ninguna unidad: {title}',
  'choose.image': 'Elegir una imagen',
  'choose.virtual-disk': 'Elegir un archivo de imagen de disco',
  'choose.config-folder': 'Elegir una carpeta de configuración',
}

const ar: Catalogue = {
  'quit.message': 'ما زالت هناك مهمة قيد التنفيذ.',
  'quit.detail':
    'سيؤدي الخروج إلى إيقافها عند النقطة الآمنة التالية. يبقى القرص غير مكتمل ولا يُقلع مما كان يُكتب، ويمكن بدء المهمة نفسها مرة أخرى لاحقًا.',
  'quit.stay': 'متابعة التنفيذ',
  'quit.stop': 'إيقاف المهمة والخروج',
  'consent.message': 'هل تبدأ الكتابة؟',
  'consent.cancel': 'إلغاء',
  'consent.start': 'بدء',
  'guard.message': 'هل يُغيَّر ما يحمي الأقراص؟',
  'guard.allow': 'السماح',
  'guard.trust': 'تصبح الإصدارات الموقّعة بهذه المفاتيح موثوقة:',
  'guard.untrust': 'لم يعد هذا المفتاح موثوقًا:',
  'guard.neverTouch': 'لم تعد هذه الأقراص محمية:',
  'guard.assistive': 'تبدأ المهام من دون ثانيتي الانتظار.',
  'news.failed': 'فشل: {title}',
  'news.asks': 'يحتاج إليك: {title}',
  'news.done': 'لم يعد العمل جاريًا على أي وحدة: {title}',
  'choose.image': 'اختيار صورة نظام',
  'choose.virtual-disk': 'اختيار ملف صورة قرص',
  'choose.config-folder': 'اختيار مجلد إعدادات',
}

const CATALOGUES: Readonly<Record<Language, Catalogue>> = { en, de, fr, es, ar }

/** The chosen language; "system" is the first of the system's own that we have, else English. */
export function languageOf(chosen: SettingsView['language'], system: readonly string[]): Language {
  if (chosen !== 'system') return chosen
  const known = system.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => Object.hasOwn(CATALOGUES, tag))
  return (known as Language | undefined) ?? 'en'
}

/** One text; every hole must have its value. */
export function nativeText(
  language: Language,
  key: NativeText,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return CATALOGUES[language][key].replace(/\{(\w+)\}/g, (_hole, name: string) => String(values[name] ?? ''))
}
