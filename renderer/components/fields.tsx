// Form fields: each with its visible label, a description and an error in words.
import type { ReactNode } from 'react'
import {
  Button as AriaButton,
  Checkbox as AriaCheckbox,
  RadioGroup as AriaRadioGroup,
  Select as AriaSelect,
  Switch as AriaSwitch,
  TextField as AriaTextField,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Radio,
  SelectValue,
  Text,
  TextArea,
} from 'react-aria-components'
import { Icon } from './icons.tsx'

interface FieldProps {
  readonly label: string
  readonly description?: ReactNode
  readonly isDisabled?: boolean
}

const Description = ({ children }: { readonly children: ReactNode }) =>
  children ? (
    <Text slot="description" className="field-description">
      {children}
    </Text>
  ) : null

export interface TextFieldProps extends FieldProps {
  readonly value: string
  onChange(value: string): void
  readonly error?: string | null
  readonly multiline?: boolean
  readonly rows?: number
  /** Fixed-width letters, left to right in every language. */
  readonly code?: boolean
  readonly placeholder?: string
  readonly autoFocus?: boolean
  readonly isReadOnly?: boolean
  readonly maxLength?: number
  onEnter?(): void
}

export function TextField(props: TextFieldProps) {
  const { label, description, error, multiline, rows = 6, code, placeholder, onEnter, ...rest } = props
  const look = { className: code ? 'input input-code' : 'input', dir: code ? ('ltr' as const) : undefined, placeholder }
  return (
    <AriaTextField
      {...rest}
      isInvalid={Boolean(error)}
      className="field"
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !multiline && onEnter) onEnter()
        // Without this Esc would not reach the dialog around the field.
        else event.continuePropagation()
      }}
    >
      <Label>{label}</Label>
      {multiline ? <TextArea {...look} rows={rows} /> : <Input {...look} />}
      <Description>{description}</Description>
      <FieldError className="field-error">{error}</FieldError>
    </AriaTextField>
  )
}

export interface Option<T extends string = string> {
  readonly id: T
  readonly label: string
  readonly description?: string
  readonly isDisabled?: boolean
}

export interface ChoiceProps<T extends string> extends FieldProps {
  readonly value: T | null
  readonly options: readonly Option<T>[]
  onChange(value: T): void
  readonly placeholder?: string
}

export function Select<T extends string>(props: ChoiceProps<T>) {
  const { label, description, value, options, onChange, placeholder, isDisabled } = props
  return (
    <AriaSelect
      className="field"
      isDisabled={isDisabled}
      placeholder={placeholder ?? '–'}
      value={value}
      onChange={(key) => key !== null && onChange(String(key) as T)}
    >
      <Label>{label}</Label>
      <AriaButton className="input select-button">
        {/* Only the label; an option's description stays in the list. */}
        <SelectValue>{({ selectedText, defaultChildren }) => selectedText || defaultChildren}</SelectValue>
        <Icon name="down" size={16} />
      </AriaButton>
      <Description>{description}</Description>
      <Popover className="popover">
        <ListBox className="menu">
          {options.map((option) => (
            <ListBoxItem
              key={option.id}
              id={option.id}
              textValue={option.label}
              isDisabled={option.isDisabled}
              className="menu-item"
            >
              <Text slot="label">{option.label}</Text>
              {option.description && <Text slot="description">{option.description}</Text>}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  )
}

export function RadioGroup<T extends string>(props: Omit<ChoiceProps<T>, 'placeholder'>) {
  const { label, description, value, options, onChange, isDisabled } = props
  return (
    <AriaRadioGroup className="field" value={value} isDisabled={isDisabled} onChange={(id) => onChange(id as T)}>
      <Label>{label}</Label>
      <Description>{description}</Description>
      {options.map((option) => (
        <Radio key={option.id} value={option.id} isDisabled={option.isDisabled} className="choice choice-radio">
          <span className="choice-mark" aria-hidden="true" />
          <span className="choice-text">
            {option.label}
            {option.description && <small>{option.description}</small>}
          </span>
        </Radio>
      ))}
    </AriaRadioGroup>
  )
}

export interface ToggleProps {
  readonly label: string
  readonly description?: string
  readonly isSelected: boolean
  readonly isDisabled?: boolean
  onChange(isSelected: boolean): void
}

const ToggleText = ({ label, description }: Pick<ToggleProps, 'label' | 'description'>) => (
  <span className="choice-text">
    {label}
    {description && <small>{description}</small>}
  </span>
)

export function Checkbox({ label, description, ...rest }: ToggleProps) {
  return (
    <AriaCheckbox {...rest} className="choice choice-check">
      <span className="choice-mark" aria-hidden="true">
        <Icon name="good" size={16} />
      </span>
      <ToggleText label={label} description={description} />
    </AriaCheckbox>
  )
}

export function Switch({ label, description, ...rest }: ToggleProps) {
  return (
    <AriaSwitch {...rest} className="choice choice-switch">
      <span className="switch-track" aria-hidden="true">
        <span className="switch-knob" />
      </span>
      <ToggleText label={label} description={description} />
    </AriaSwitch>
  )
}
