// Arabic: what the host found, one message per kind. Names and sizes come in already kept apart from the line's direction.
import type { Findings } from './findings.en.ts'

export const findingsAr: Findings = {
  'problem.heldBy': 'يستخدمه: {holder}',
  'layout.hp-t640': 'جهاز HP T640: قسم ESP بحجم 512 MB، الفتحتان A وB بحجم 2 GB، والباقي بيانات (وفيها /config)',
  'layout.hypernet-server':
    'خادم Hypernet: قسم ESP بحجم 512 MB، الفتحتان A وB بحجم 25 GB، ثم الإعدادات والبيانات والوسائط والسجلات والذاكرة المؤقتة',
  'summary.slot': '{slot}: {state}',
  'summary.slotVersion': '{slot}: {version}، {state}',
  'summary.mbr': 'جدول أقسام MBR',
  'summary.unknown': 'محتوى من نوع غير معروف',
  'fallback.boot-failed':
    '{time}: لم تقم الفتحة {slot} ({held, select, version {{version}} other {الإصدار غير معروف}})، عدد مرات الإقلاع المحسوبة: {boots, number}',
  'fallback.unhealthy':
    '{time}: لم تجتز الفتحة {slot} ({held, select, version {{version}} other {الإصدار غير معروف}}) فحصها، عدد مرات الإقلاع المحسوبة: {boots, number}',
  'fallback.unloadable':
    '{time}: تعذّر تحميل الفتحة {slot} ({held, select, version {{version}} other {الإصدار غير معروف}})، عدد مرات الإقلاع المحسوبة: {boots, number}',
  'fallback.gate-failed':
    '{time}: تعذّر على فحص الفتحة {slot} ({held, select, version {{version}} other {الإصدار غير معروف}}) أداء عمله، عدد مرات الإقلاع المحسوبة: {boots, number}',
  'fallback.operator':
    '{time}: عاد شخص ما عن الفتحة {slot} ({held, select, version {{version}} other {الإصدار غير معروف}})، عدد مرات الإقلاع المحسوبة: {boots, number}',
  'override.slot-default': '{time}، {by}: جُعلت الفتحة {slot} افتراضية. السبب: {reason}',
  'override.slot-once': '{time}، {by}: اختيرت الفتحة {slot} لإقلاع واحد. السبب: {reason}',
  'override.slot-good': '{time}، {by}: عُلّمت الفتحة {slot} سليمة. السبب: {reason}',
  'override.slot-bad': '{time}، {by}: عُلّمت الفتحة {slot} معطوبة. السبب: {reason}',
  'override.slot-reset': '{time}، {by}: صُفّرت محاولات الفتحة {slot}. السبب: {reason}',
  'override.older-release':
    '{time}، {by}: كُتب في الفتحة {slot} إصدار أقدم، العدّاد {found, number} بدل {known, number}. السبب: {reason}',
  'override.as-written': '{time}، {by}: الفتحة {slot}، {title}. السبب: {reason}',
  'selftest.node': 'Node {node} على {system}.',
  'selftest.node-needed': 'المطلوب Node {least, number} أو أحدث.',
  'selftest.runner': 'شُغّل برنامج الكتابة وأجاب.',
  'selftest.disks': '{count, number} على طاولة العمل، {hidden, number} مخفي.',
  'selftest.root': 'تعمل وحدة التحكم هذه بصلاحيات root؛ وهذا أكثر مما تحتاجه.',
  'selftest.no-disk': 'لا قرص موصول؛ ملفات صور الأقراص لا تحتاج إلى إذن.',
  'selftest.all-writable':
    '{count, plural, zero {لا أقراص.} one {يستطيع هذا المستخدم الكتابة على القرص.} two {يستطيع هذا المستخدم الكتابة على القرصين.} few {يستطيع هذا المستخدم الكتابة على # أقراص كلها.} many {يستطيع هذا المستخدم الكتابة على # قرصًا كلها.} other {يستطيع هذا المستخدم الكتابة على # قرص كلها.}}',
  'selftest.consent-each': '{count, number} من {total, number} من الأقراص تحتاج إلى موافقة لكل مهمة.',
  'selftest.consent-root': 'لا حاجة: تعمل وحدة التحكم هذه بصلاحيات root.',
  'selftest.consent-dialog': 'يسأل النظام نفسه قبل الكتابة على قرص.',
  'selftest.no-pkexec': 'البرنامج pkexec غير مثبت: لا يمكن الكتابة على أقراص المستخدمين الآخرين.',
  'selftest.agent': 'البرنامج pkexec موجود، ويمكن لـ {agent} أن يسأل.',
  'selftest.no-agent': 'البرنامج pkexec موجود، لكن لم يُرَ وكيل polkit: قد لا يستطيع أحد الإجابة عن سؤاله.',
  'selftest.tools': 'كل البرامج موجودة: {tools}.',
  'selftest.tool-missing': 'ينقص {tool} ({remedy}).',
  'selftest.tool-missing-for':
    'ينقص {tool}، من أجل {use, select, xfs {التقسيمات مع XFS} encryption {التقسيمات المشفرة} other {استرجاع /config}} ({remedy}).',
  'selftest.space': '{size} متاحة في مجلد البيانات.',
  'selftest.space-low': 'قد لا تُحفظ الصور والتقارير.',
  'selftest.clock': '{time} ({zone}).',
  'selftest.clock-behind': 'الساعة متأخرة: صُنعت صورة من المكتبة في {time}.',
  'selftest.clock-unknown': 'لا يُعرف إن كانت خدمة وقت تضبطها.',
  'selftest.clock-kept': 'تضبطها خدمة وقت.',
  'selftest.clock-not-kept': 'لا تضبطها خدمة وقت.',
  'selftest.usb-unseen': 'لا يُظهر هذا النظام سرعة منافذ USB.',
  'selftest.usb-none': 'لم يُرَ متحكم USB.',
  'selftest.usb-fastest': 'سرعة أسرع متحكم {speed, number} Mbit/s.',
  'selftest.usb-slow': 'بطيء: {path} بسرعة {speed, number} Mbit/s.',
  'selftest.usb-no-3': 'لا يوجد USB 3.',
}
