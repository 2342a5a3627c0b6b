// GUID partition tables (UEFI 2.10 chapter 5), bytes <-> model: what other layers import. See docs/format/gpt.md.
export {
  arraysElsewhere,
  decodeGpt,
  GPT_EDGE_BYTES,
  type GptReading,
  type GptSideName,
  guessSectorSize,
} from './gpt-decode.ts'
export { encodeGpt, type GptWrite, usableSectors } from './gpt-encode.ts'
export { repairRefusal, repairWrites } from './gpt-repair.ts'
