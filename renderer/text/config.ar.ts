// Arabic: config drafts and their restore.
import type { configEn } from './config.en.ts'

export const configAr: Record<keyof typeof configEn, string> = {
  'config.description': 'فتح إعدادات وتحريرها وكتابتها على وحدة.',
  'config.from': 'مسودة من \u2068{from}\u2069',
  'config.none': 'لا توجد إعدادات مفتوحة',
  'config.noneText': 'افتح مجلدًا، أو اقرأ \u200e/config من وحدة. أنت تحرّر نسخة؛ ولا يُكتب شيء قبل تأكيدك.',
  'config.openFolder': 'فتح مجلد …',
  'config.openUnit': 'القراءة من وحدة',
  'config.unitOption': '\u200f\u200e/config من {name}',
  'config.chooseFolder': 'اختر مجلدًا',
  'config.noFolder': 'لا يوجد مجلد للاختيار. ضعه في مجلد الإعدادات الخاص بوحدة التحكم.',
  'config.notOpened': 'تعذّر فتح الإعدادات',
  'config.files': 'الملفات',
  'config.chooseFile': 'اختر ملفًا.',
  'config.secret': 'سري، مخفي',
  'config.secretTitle': 'هذا الملف سري',
  'config.secretText':
    'يبقى كما هو ({size}) ولا يُعرض ولا يُحرَّر هنا. غيّره في المجلد الذي جاء منه ثم افتح المجلد من جديد.',
  'config.binary': 'هذا الملف ليس نصًا ({size}). يبقى كما هو.',
  'config.checking': 'لم يُفحص بعد …',
  'config.kept': 'محفوظ في المسودة',
  'config.notKept': 'لم يُحفظ التغيير',
  'config.tabHint': 'مفتاح Tab يخرج من المحرر.',
  'config.validation': 'الفحص',
  'config.valid': 'لم توجد أخطاء.',
  'config.mistakes':
    '{count, plural, zero {لا أخطاء} one {خطأ واحد} two {خطآن} few {# أخطاء} many {# خطأً} other {# خطأ}}',
  'config.fileLine': '\u2068{file}\u2069، السطر {line, number}',
  'config.toProvision':
    '{count, plural, zero {استخدامها في التجهيز} one {استخدامها لتجهيز الوحدة المختارة} two {استخدامها لتجهيز الوحدتين المختارتين} few {استخدامها لتجهيز # وحدات مختارة} many {استخدامها لتجهيز # وحدة مختارة} other {استخدامها لتجهيز # وحدة مختارة}}',
  'config.restoreText': 'يستبدل بهذه المسودة كل ملفات \u200e/config على الوحدة. تبقى الفتحات والبيانات.',
  'config.withMistakes':
    '{count, plural, zero {الاسترجاع} one {الاسترجاع رغم خطأ واحد} two {الاسترجاع رغم خطأين} few {الاسترجاع رغم # أخطاء} many {الاسترجاع رغم # خطأً} other {الاسترجاع رغم # خطأ}}',
  'config.restoreUnit': 'الوحدة المراد الكتابة عليها',
  'config.chooseUnit': 'اختر وحدة',
  'config.unitSize': '\u2068{name}\u2069 – \u2068{size}\u2069',
  'config.unitBusy': 'يجري عمل على هذه الوحدة.',
  'config.obstacle.no-draft': 'افتح إعدادات أولًا.',
  'config.obstacle.unsaved': 'ما زال التغيير الأخير قيد الفحص.',
  'config.obstacle.mistakes': 'صحّح الأخطاء أو اقبلها أولًا.',
  'config.obstacle.no-unit': 'اختر الوحدة أولًا.',
}
