// Error codes of this area; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const writeErrors = defineErrors({})
