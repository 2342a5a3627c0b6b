// Buttons and the menu button. `danger` is for what destroys; nothing is ever started by a key that closes.
import type { ReactNode } from 'react'
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Menu,
  MenuItem,
  MenuTrigger,
  Popover,
  Text,
} from 'react-aria-components'
import { Icon, type IconName } from './icons.tsx'

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'children'> {
  /** `plain` when not given. */
  readonly variant?: 'primary' | 'plain' | 'danger' | 'quiet'
  readonly icon?: IconName
  readonly children?: ReactNode
}

export function Button({ variant = 'plain', icon, children, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className={`button button-${variant}`}>
      {icon && <Icon name={icon} />}
      {children}
    </AriaButton>
  )
}

/** Only an icon is seen; `label` is read out and shown by the browser as a hint. */
export function IconButton({
  label,
  icon,
  ...rest
}: Omit<ButtonProps, 'children' | 'icon'> & { readonly label: string; readonly icon: IconName }) {
  return (
    <AriaButton {...rest} aria-label={label} className="button button-quiet button-icon">
      <Icon name={icon} />
    </AriaButton>
  )
}

export interface MenuEntry {
  readonly id: string
  readonly label: string
  readonly description?: string
  readonly isDisabled?: boolean
  readonly danger?: boolean
  onAction(): void
}

export interface MenuButtonProps {
  readonly label: string
  readonly items: readonly MenuEntry[]
  readonly icon?: IconName
  /** Shows only the icon. */
  readonly iconOnly?: boolean
  readonly isDisabled?: boolean
  readonly variant?: ButtonProps['variant']
}

export function MenuButton({ label, items, icon, iconOnly, isDisabled, variant }: MenuButtonProps) {
  return (
    <MenuTrigger>
      {iconOnly ? (
        <IconButton label={label} icon={icon ?? 'more'} isDisabled={isDisabled} />
      ) : (
        <Button variant={variant} icon={icon} isDisabled={isDisabled}>
          {label}
          <Icon name="down" size={16} />
        </Button>
      )}
      <Popover className="popover">
        <Menu aria-label={label} className="menu">
          {items.map(({ id, label: name, description, danger, isDisabled: off, onAction }) => (
            <MenuItem
              key={id}
              id={id}
              textValue={name}
              isDisabled={off}
              onAction={onAction}
              className={danger ? 'menu-item menu-item-danger' : 'menu-item'}
            >
              <Text slot="label">{name}</Text>
              {description && <Text slot="description">{description}</Text>}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}
