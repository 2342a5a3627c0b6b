// Arabic: the trust list.
import type { trustEn } from './trust.en.ts'

export const trustAr: Record<keyof typeof trustEn, string> = {
  'trust.title': 'الثقة',
  'trust.description':
    '{count, plural, zero {لا يوجد مفتاح موثوق} one {مفتاح واحد موثوق؛ يُقبل ما وقّعه} two {مفتاحان موثوقان؛ يُقبل ما وقّعاه} few {# مفاتيح موثوقة؛ يُقبل ما وقّعته} many {# مفتاحًا موثوقًا؛ يُقبل ما وقّعته} other {# مفتاح موثوق؛ يُقبل ما وقّعته}}',
  'trust.list': 'المفاتيح الموثوقة',
  'trust.import': 'استيراد مفاتيح',
  'trust.emptyTitle': 'لا يوجد مفتاح موثوق بعد',
  'trust.emptyText':
    'لا تُقبل إلا الصور الموقّعة بمفتاح من هذه القائمة. اطلب من الصانع مفتاحه العام واستورده، ثم قارن بصمته عبر الهاتف.',
  'trust.fingerprint': 'البصمة',
  'trust.created': 'أُنشئ',
  'trust.expires': 'ينتهي',
  'trust.neverExpires': 'لا ينتهي',
  'trust.algorithm': 'الخوارزمية',
  'trust.signed': 'وقّع',
  'trust.signedImages':
    '{count, plural, zero {لا صورة من المكتبة} one {صورة واحدة من المكتبة} two {صورتين من المكتبة} few {# صور من المكتبة} many {# صورة من المكتبة} other {# صورة من المكتبة}}',
  'trust.noName': 'مفتاح بلا اسم',
  'trust.state.usable': 'صالح',
  'trust.state.expired': 'منتهٍ',
  'trust.state.revoked': 'ملغى',
  'trust.state.weak': 'ضعيف جدًا',
  'trust.why.expired': 'لا تُقبل تواقيع جديدة بهذا المفتاح. اطلب من الصانع المفتاح المجدَّد واستورده.',
  'trust.why.revoked': 'سحب صاحب المفتاح هذا المفتاح. لا يُقبل أي شيء يوقّعه.',
  'trust.why.weak': 'هذا المفتاح قصير جدًا أو قديم جدًا أو غير معدّ للتوقيع. لا يُقبل أي شيء يوقّعه.',
  'trust.importTitle': 'استيراد مفاتيح',
  'trust.importText':
    'لا تُؤخذ إلا المفاتيح العامة. من يملك مفتاحًا كهذا يقرر ما يُكتب على أقراصك، فقارن بصمته مع صاحبه قبل أن تستعمله.',
  'trust.armored': 'نص المفتاح',
  'trust.armoredHint': 'يبدأ بـ ‎-----BEGIN PGP PUBLIC KEY BLOCK-----',
  'trust.fromFile': 'أخذه من ملف',
  'trust.importNow': 'استيراد',
  'trust.fileTooLarge': 'هذا الملف أكبر من أن يكون قائمة مفاتيح.',
  'trust.fileUnreadable': 'هذا الملف ليس مفتاحًا في صورة نص. اطلب المفتاح نصًّا (ASCII armor).',
  'trust.imported':
    '{count, plural, zero {لا مفتاح جديد: كلها كانت في القائمة.} one {أُضيف مفتاح واحد. قارن بصمته قبل أن تستعمله.} two {أُضيف مفتاحان. قارن بصمتيهما قبل أن تستعملهما.} few {أُضيفت # مفاتيح. قارن بصماتها قبل أن تستعملها.} many {أُضيف # مفتاحًا. قارن بصماتها قبل أن تستعملها.} other {أُضيف # مفتاح. قارن بصماتها قبل أن تستعملها.}}',
  'trust.compare': 'مقارنة',
  'trust.compareTitle': 'مقارنة البصمة',
  'trust.compareText':
    'اتصل بصاحب المفتاح على رقم تعرفه من قبل. يقرأ أحدكما المجموعات بصوت مسموع ويقارن الآخر. يجب أن يتطابق كل حرف.',
  'trust.compareGroup': 'المجموعة {number, number}: {letters}',
  'trust.compareTyped': 'أو اكتب ما يمليه عليك صاحب المفتاح',
  'trust.compareEqual': 'متطابقة. هذا مفتاح من أعطاك البصمة.',
  'trust.compareSoFar':
    '{count, plural, zero {لا حرف بعد.} one {الحرف الأول متطابق حتى الآن.} two {أول حرفين متطابقان حتى الآن.} few {أول # حروف متطابقة حتى الآن.} many {أول # حرفًا متطابقة حتى الآن.} other {أول # حرف متطابقة حتى الآن.}}',
  'trust.compareDiffers': 'اختلاف في المجموعة {group, number}. إن لم يكن خطأً في الكتابة فلا تستعمل هذا المفتاح.',
  'trust.compareTooLong': 'الحروف أكثر مما في هذه البصمة. راجع المجموعة الأخيرة.',
  'trust.compareWay': 'طريقة المقارنة',
  'trust.compareLetters': 'حروف',
  'trust.compareWords': 'كلمات',
  'trust.compareCode': 'رمز QR',
  'trust.compareWordsText':
    'البصمة نفسها بكلمات إنجليزية، لخط هاتف يصعب فيه فهم الحروف. اتصل بصاحب المفتاح على رقم تعرفه من قبل. يقرأ أحدكما الكلمات بصوت عالٍ ويقارن الآخر. يجب أن تتطابق كل كلمة.',
  'trust.compareTypedWords': 'أو اكتب الكلمات التي يمليها عليك صاحب المفتاح',
  'trust.compareSoFarWords':
    '{count, plural, =0 {تابع.} one {الكلمة الأولى متطابقة حتى الآن.} two {أول كلمتين متطابقتان حتى الآن.} few {أول # كلمات متطابقة حتى الآن.} many {أول # كلمة متطابقة حتى الآن.} other {أول # كلمة متطابقة حتى الآن.}}',
  'trust.compareWord.differs':
    'الكلمة {place, number} (المجموعة {group, number}) مختلفة: «{word}». إن كانت قد فُهمت صحيحة فلا تستعمل هذا المفتاح.',
  'trust.compareWord.misplaced':
    'الكلمة {place, number} (المجموعة {group, number})، «{word}»، لا يمكن أن تكون هنا: سقطت كلمة أو قيلت مرتين أو تبدّل مكانها. ابدأ من جديد من هذه المجموعة.',
  'trust.compareWord.unknown':
    'الكلمة {place, number} (المجموعة {group, number})، «{word}»، ليست في قائمة الكلمات. اطلب إعادتها.',
  'trust.compareTooManyWords': 'الكلمات أكثر مما في هذه البصمة. راجع المجموعة الأخيرة.',
  'trust.compareCodeText':
    'لمن يقف بجانبك: يحمل الرمز البصمة كاملة بالصيغة التي تقرؤها برامج OpenPGP على الهواتف. قارن ما تعرضه، فالمسح وحده لا يكفي.',
  'trust.compareCodeLabel': 'رمز QR للبصمة',
  'trust.removeTitle': 'إزالة مفتاح {name}؟',
  'trust.removeLoses': 'ما يفقد الثقة',
  'trust.removeNothing': 'لا صورة في المكتبة ولا فتحة على طاولة العمل موقّعة بهذا المفتاح.',
  'trust.removeImage': 'الصورة {name} ({file}): لن يمكن استعمالها',
  'trust.removeSlots':
    '{count, plural, zero {لا فتحة على طاولة العمل موقّعة به.} one {فتحة واحدة على طاولة العمل موقّعة به. ما زالت تُقلع، لكن لن يمكن فحصها هنا.} two {فتحتان على طاولة العمل موقّعتان به. ما زالتا تُقلعان، لكن لن يمكن فحصهما هنا.} few {# فتحات على طاولة العمل موقّعة به. ما زالت تُقلع، لكن لن يمكن فحصها هنا.} many {# فتحة على طاولة العمل موقّعة به. ما زالت تُقلع، لكن لن يمكن فحصها هنا.} other {# فتحة على طاولة العمل موقّعة به. ما زالت تُقلع، لكن لن يمكن فحصها هنا.}}',
  'trust.removeLast': 'إنه المفتاح الأخير. بلا مفتاح لا يمكن استعمال أي صورة.',
}
