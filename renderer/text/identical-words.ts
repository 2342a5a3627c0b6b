// Messages that are rightly the same in English and in another language: names, and words that both have. The test of the texts
// takes every other equal message for a forgotten translation.

export const IDENTICAL_WORDS: ReadonlySet<string> = new Set([
  'Twinslot',
  'USB',
  'SATA',
  'NVMe',
  'SD / eMMC',
  'SCSI',
  'virtio',
  'Esc',
  'Filter',
  'Slot {slot}',
  'Slot A',
  'Slot B',
  'Appliance',
  'Version',
  'Browser',
  'System',
  'Form',
  'Hardware',
  'Signature',
  'Actions',
  '25 × 54 mm',
  'Signature (.asc)',
])
